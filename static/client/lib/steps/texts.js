// Every label of <text2sql-steps>, in Chinese and in English.

const TEXTS = {
  card: ["查询进度与结果", "Progress and result of the query"],
  progress: ["进度", "Progress"],
  cancel: ["取消", "Cancel"],
  retry: ["从失败处重试", "Retry from there"],
  thinking: ["思考过程", "Thinking"],
  sql: ["SQL", "SQL"],
  attempt: ["第 {n} 次尝试", "Attempt {n}"],
  result: ["结果", "Result"],
  rows: ["{n} 行", "{n} rows"],
  one_row: ["1 行", "1 row"],
  first: ["前 {shown} 行，共 {n} 行", "The first {shown} of {n} rows"],
  null: ["空值", "no value"],
  seconds: ["{n} 秒", "{n} s"],
  remaining: ["约剩 {n} 秒", "about {n} s left"],
  failed_at: ["在“{stage}”时失败", "Failed at “{stage}”"],

  "status.none": ["还没有提问", "Nothing asked yet"],
  "status.waiting": ["等待服务器…", "Waiting for the server…"],
  "status.running": ["进行中", "Running"],
  "status.completed": ["已完成", "Done"],
  "status.failed": ["失败", "Failed"],
  "status.cancelled": ["已取消", "Cancelled"],
  "status.lost": ["连接中断，结果没能收全", "The connection was lost before the answer was complete"],

  "step.waiting": ["未开始", "not started"],
  "step.running": ["进行中", "running"],
  "step.done": ["已完成", "done"],
  "step.skipped": ["已跳过", "skipped"],
  "step.failed": ["失败", "failed"],
  "step.stopped": ["已停止", "stopped"],

  "stage.analyzing": ["分析问题意图", "Analyse the question"],
  "stage.selecting_datasource": ["选择数据源", "Choose the data source"],
  "stage.connecting_database": ["连接数据库", "Connect to the database"],
  "stage.retrieving_schema": ["检索数据库模式", "Retrieve the schema"],
  "stage.generating_sql": ["生成 SQL", "Generate SQL"],
  "stage.validating_sql": ["验证 SQL", "Validate SQL"],
  "stage.executing_sql": ["执行查询", "Run the query"],
  "stage.processing_results": ["处理结果", "Process the results"],
  "stage.generating_explanation": ["生成解释", "Explain the result"],
  "stage.recommending_visualization": ["配置图表", "Configure the chart"],
};

/** `text(locale)(key, { n: 1 })`. */
export function texts(locale) {
  const at = locale === "zh" ? 0 : 1;
  return (key, params = {}) => TEXTS[key][at].replace(/\{(\w+)\}/g, (_, name) => params[name]);
}

/** Whether `message` only repeats the name of its stage, in either language: that says nothing new. */
export function repeats(stage, message) {
  return TEXTS[`stage.${stage}`].some((name) => bare(name) === bare(message));
}

function bare(words) {
  return words.replaceAll(" ", "");
}

/** The nearest language that the page around `node` names; Chinese where it names none, as on the wire. */
export function localeOf(node) {
  for (let around = node; around; around = around.parentElement ?? around.getRootNode().host) {
    const named = around.getAttribute("locale") ?? around.getAttribute("lang");
    if (named) return named.toLowerCase().startsWith("zh") ? "zh" : "en";
  }
  return "zh";
}

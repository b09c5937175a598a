// What may be asked, and of whom: the server's data sources and models, and what else it says of them.

export class Catalog {
  #http;
  datasources = [];
  providers = [];

  constructor(http) {
    this.#http = http;
  }

  /** Raises what a request raises; what was known before stays known then. */
  async load() {
    const { datasources, providers = [] } = await this.#http.json("/text2sql/datasources");
    Object.assign(this, { datasources, providers });
    return this;
  }

  /** What a query was asked of: named, else the default, which the server lists first. */
  modelName({ options }) {
    return options.options?.model ?? this.providers[0]?.model ?? "";
  }

  /** Questions worth asking of a query's own data source. */
  examplesFor({ datasource }) {
    const fitting = this.datasources.filter(({ name }) => !datasource || name === datasource);
    return fitting.flatMap(({ examples }) => examples);
  }

  /** A few rows of a table, as `{ columns, rows, withheld }`. */
  sample(source, table) {
    const [from, of] = [source, table].map(encodeURIComponent);
    return this.#http.json(`/text2sql/datasources/${from}/tables/${of}/sample`);
  }
}

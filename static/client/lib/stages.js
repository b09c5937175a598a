// The stages of every query, in order.

export const STAGES = [
  "analyzing",
  "selecting_datasource",
  "connecting_database",
  "retrieving_schema",
  "generating_sql",
  "validating_sql",
  "executing_sql",
  "processing_results",
  "generating_explanation",
  "recommending_visualization",
];

// What the first document's React hook keeps: whether it is connected, the latest progress, and everything that
// came as a result, the completion among it; an error only ends the progress.

import { OldClient } from "./text2sql_class.js";

export function makeOldHook({ useCallback, useEffect, useState }) {
  return function useOldClient(baseUrl, token) {
    const [client, setClient] = useState(null);
    const [isConnected, setConnected] = useState(false);
    const [results, setResults] = useState([]);
    const [progress, setProgress] = useState(null);
    const keep = (data) => setResults((before) => [...before, data]);

    useEffect(() => {
      const made = new OldClient(baseUrl, token);
      made.on("connection_ack", () => setConnected(true));
      made.on("query_progress", setProgress);
      made.on("query_result", keep);
      made.on("query_complete", (data) => {
        setProgress(null);
        keep(data);
      });
      made.on("query_error", () => setProgress(null));
      made.connect().then(
        () => setClient(made),
        () => {},
      );
      return () => {
        made.attempts = made.most; // a page that is gone must not come back in a test
        made.disconnect();
        setConnected(false);
      };
    }, [baseUrl, token]);

    const sendQuery = useCallback((...given) => client?.sendQuery(...given), [client]);
    const cancelQuery = useCallback((id) => client?.cancelQuery(id), [client]);
    return { isConnected, results, progress, sendQuery, cancelQuery, client };
  };
}

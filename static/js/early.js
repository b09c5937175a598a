// Runs before the first paint, so that a chosen appearance doesn't flash; everything else is a module.
try {
  const chosen = localStorage.getItem("text2sql.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // a browser that keeps nothing shows the system's appearance
}

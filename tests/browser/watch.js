// Runs before a page's own scripts: remembers what the content policy blocked, when the page was painted, what jumped.
(() => {
  const seen = (window.__look = { violations: [], shift: 0, paint: 0 });
  document.addEventListener("securitypolicyviolation", (event) => {
    seen.violations.push(`${event.effectiveDirective} blocked ${event.blockedURI} ${event.sourceFile ?? ""} ${event.sample ?? ""}`.trim());
  });
  const observe = (type, each) => new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true });
  observe("largest-contentful-paint", (entry) => { seen.paint = Math.round(entry.startTime); });
  observe("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.shift += entry.value; });
})();

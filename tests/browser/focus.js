// Where the focus is after a Tab: can it be seen, and is it free of bars that stick?
(() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const box = e.getBoundingClientRect();
  const style = getComputedStyle(e);
  const after = getComputedStyle(e, "::after");
  const ring = (one) => one.outlineStyle !== "none" && parseFloat(one.outlineWidth) >= 2;
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 12));
  const own = (one) => one && (e.contains(one) || one.contains(e) || [...(e.labels ?? [])].some((l) => l.contains(one)));
  const words = (e.getAttribute("aria-label") || e.innerText || (e.type === "checkbox" ? `${e.name} ${e.value}` : e.name) || e.id || "").trim().replace(/\s+/g, " ").slice(0, 40);
  return { what: `${e.localName} “${words}”`, ring: ring(style) || ring(after) || e.matches("main, [tabindex='-1']"), covered: box.width > 1 && box.height > 1 && !own(top) };
})

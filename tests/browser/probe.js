// Looks at the loaded page and answers what only a browser can know. Called with {width, phone}; returns plain data.
(({ width, phone }) => {
  const CONTROL = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const visible = (e) => e.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && e.getClientRects().length > 0;

  const label = (e) => {
    const own = e.id ? `#${e.id}` : [e.localName, ...[...e.classList].slice(0, 2)].join(".");
    const holder = e.parentElement?.closest("[id], [class]");
    const words = (e.getAttribute("aria-label") || e.innerText || e.name || "").trim().replace(/\s+/g, " ").slice(0, 30);
    return `${holder ? (holder.id ? `#${holder.id}` : `.${holder.classList[0]}`) + " " : ""}${own}${words ? ` “${words}”` : ""}`;
  };

  /** Elements that stick out of the screen and are not inside something that scrolls or clips. */
  const tooWide = () => {
    const limit = document.documentElement.clientWidth + 1;
    const held = (e) => {
      for (let box = e.parentElement; box; box = box.parentElement) if (getComputedStyle(box).overflowX !== "visible") return true;
      return false;
    };
    const out = all("body *").filter((e) => visible(e) && (e.getBoundingClientRect().right > limit || e.getBoundingClientRect().left < -1) && !held(e));
    return out.filter((e) => !out.includes(e.parentElement)).map(label);
  };

  /** Inside a box of one pixel: read aloud, never seen. */
  const unseen = (e) => {
    for (let box = e; box && box !== document.body; box = box.parentElement) if (box.getBoundingClientRect().width <= 1) return true;
    return false;
  };

  /** Does something real stick out? Lines drawn by ::before and ::after may. */
  const leaks = (e) => {
    const box = e.getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(e);
    return [...range.getClientRects()].some((one) => one.right > box.right + 2 || one.left < box.left - 2);
  };

  /** Text or controls that leave a box one can see. */
  const spilling = () => all("body *:not(svg *)").filter((e) => {
    const style = getComputedStyle(e);
    const seen = parseFloat(style.borderTopWidth) > 0 || !/, 0\)$|transparent/.test(style.backgroundColor);
    return seen && style.display !== "inline" && style.overflowX === "visible" && e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 2 && visible(e) && !unseen(e) && leaks(e);
  }).map(label);

  /** The box one can hit: a tick box counts with its label. */
  const reach = (e) => {
    const boxes = [e, ...(["checkbox", "radio", "file"].includes(e.type) ? e.labels ?? [] : [])].map((one) => one.getBoundingClientRect());
    return boxes.reduce((best, box) => (box.width * box.height > best.width * best.height ? box : best));
  };

  const inSentence = (e) => e.localName === "a" && getComputedStyle(e).display === "inline" &&
    [...e.parentElement.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim().length > 1);

  /** WCAG 2.5.8: under 24 px only with a free circle of 24 px round the middle. House rule: buttons and fields as high as --target. */
  const small = () => {
    const targets = all(CONTROL).filter((e) => visible(e) && !e.disabled).map((e) => ({ e, box: reach(e) })).filter(({ box }) => box.width > 1 && box.height > 1);
    const middle = ({ box }) => [box.left + box.width / 2, box.top + box.height / 2];
    const gap = (from, to) => {
      const [x, y] = middle(from);
      return Math.hypot(Math.max(to.box.left - x, 0, x - to.box.right), Math.max(to.box.top - y, 0, y - to.box.bottom));
    };
    const tiny = targets.filter((t) => Math.min(t.box.width, t.box.height) < 24 && !inSentence(t.e));
    const crowded = tiny.filter((t) => targets.some((o) => o !== t && !o.e.contains(t.e) && !t.e.contains(o.e) && gap(t, o) < 12));
    const wanted = parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--target")) || 0;
    const low = targets.filter(({ e, box }) => e.matches("main .btn, main button:not(.link), main select, main textarea, main input:not([type=checkbox], [type=radio])") && box.height < wanted - 1);
    const say = ({ e, box }) => `${label(e)} ${Math.round(box.width)}×${Math.round(box.height)}`;
    return { crowded: phone ? crowded.map(say) : [], low: low.map(say) };
  };

  const ids = all("[id]").map((e) => e.id);
  const links = all("a[href]").filter((a) => /^https?:$/.test(a.protocol));
  const lost = all("a[href^='#']").map((a) => decodeURIComponent(a.hash.slice(1))).filter((id) => id && !document.getElementById(id));
  const { crowded, low } = small();
  const over = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - width;
  return {
    over: over > 1 ? [`${over} px too wide`, ...tooWide().slice(0, 5)] : [],
    spilling: spilling().slice(0, 5), crowded, low,
    twice: [...new Set(ids.filter((id, i) => ids.indexOf(id) !== i))],
    lost, links: [...new Set(links.map((a) => a.href.split("#")[0]))],
    headings: all("h1").filter(visible).length,
    seen: window.__look ?? { violations: [], shift: 0, paint: 0 },
  };
})

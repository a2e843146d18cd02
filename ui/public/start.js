// A browser drops its requests whenever a network comes or goes, and does not ask again for the files of a page. This script stands
// alone and comes first, so that the page starts although one of them was lost on the way.
(() => {
  const PAUSES_MS = [200, 800, 3_000];
  const TRIED = "wopr-start-tried";

  const loadAnew = () => {
    const tried = Number(sessionStorage.getItem(TRIED));
    if (tried >= PAUSES_MS.length) {
      document.body.textContent = "This page could not be loaded. Check your connection, then load it anew.";
      return;
    }
    sessionStorage.setItem(TRIED, String(tried + 1));
    setTimeout(() => location.reload(), PAUSES_MS[tried]);
  };

  const styleAnew = (link) => {
    const tried = Number(link.dataset.tried ?? 0);
    if (tried >= PAUSES_MS.length) return;
    const next = link.cloneNode();
    next.dataset.tried = String(tried + 1);
    setTimeout(() => link.replaceWith(next), PAUSES_MS[tried]);
  };

  let whole = true;
  const onLost = ({ target }) => {
    if (target instanceof HTMLLinkElement && target.rel === "stylesheet") styleAnew(target);
    if (!(target instanceof HTMLScriptElement)) return;
    whole = false;
    loadAnew();
  };

  // Errors of elements do not bubble, but they are captured.
  window.addEventListener("error", onLost, true);
  window.addEventListener("load", () => {
    if (whole) sessionStorage.removeItem(TRIED);
  });
})();

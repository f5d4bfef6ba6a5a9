// The page is loaded anew when its files are saved; what was open stays open, and what was chosen stays chosen.
(() => {
  const all = () => [...document.querySelectorAll("details")];
  const open = JSON.parse(sessionStorage.getItem("open") || "[]");
  all().forEach((each, place) => { each.open = open.includes(place); });
  addEventListener("pagehide", () => {
    if (!document.querySelector(".chat")) return; // a fault stands in its place
    const kept = all().flatMap((each, place) => (each.open ? [place] : []));
    sessionStorage.setItem("open", JSON.stringify(kept));
  });
  const news = new EventSource("news");
  news.addEventListener("message", (event) => {
    if (Number(event.data) !== VERSION) location.reload();
  });
  news.addEventListener("error", () => {
    const note = document.querySelector(".note");
    if (note) note.textContent = "flowrunner has ended: this is the last preview.";
  });
})();

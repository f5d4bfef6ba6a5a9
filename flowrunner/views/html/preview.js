"use strict";
(() => {
  document.documentElement.classList.add("has-script");

  // A click on a bubble shows its JSON; a click on what opens or leads somewhere, or a selection, does not.
  document.addEventListener("click", (event) => {
    const bubble = event.target.closest(".step:not(.out) .bubble");
    if (!bubble || event.target.closest("a, button, summary, .rows") || !getSelection().isCollapsed) return;
    const json = bubble.closest(".step").querySelector(".json");
    json.open = !json.open;
  });

  // https://www.w3.org/WAI/ARIA/apg/patterns/tabs/
  const list = document.querySelector(".tabs ul");
  if (!list) return;
  const panels = [...document.querySelectorAll(".recipient")];
  const tabs = [...list.querySelectorAll("a")].map((link, place) => {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `tab-${place + 1}`;
    tab.append(...link.childNodes);
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panels[place].id);
    tab.addEventListener("click", () => choose(place));
    link.parentNode.setAttribute("role", "presentation");
    link.replaceWith(tab);
    panels[place].setAttribute("role", "tabpanel");
    panels[place].setAttribute("aria-labelledby", tab.id);
    return tab;
  });
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", "Recipients");

  function show(place) {
    tabs.forEach((tab, other) => {
      tab.setAttribute("aria-selected", String(other === place));
      tab.tabIndex = other === place ? 0 : -1;
      panels[other].hidden = other !== place;
    });
  }

  function choose(place) {
    show(place);
    history.replaceState(null, "", `#${panels[place].id}`);
  }

  list.addEventListener("keydown", (event) => {
    const last = tabs.length - 1;
    const place = tabs.indexOf(event.target);
    const next = { ArrowRight: place === last ? 0 : place + 1, ArrowLeft: place === 0 ? last : place - 1, Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    choose(next);
    tabs[next].focus();
  });
  show(Math.max(0, panels.findIndex((panel) => `#${panel.id}` === location.hash)));
})();

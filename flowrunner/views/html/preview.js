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

  // What stands in the links or summaries becomes the tabs: https://www.w3.org/WAI/ARIA/apg/patterns/tabs/
  function makeTabs(list, label, names, panels, first, chosen) {
    const tabs = names.map((name, place) => {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.id = `tab-${panels[place].id}`;
      tab.append(...name.childNodes);
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panels[place].id);
      tab.addEventListener("click", () => choose(place));
      panels[place].setAttribute("role", "tabpanel");
      panels[place].setAttribute("aria-labelledby", tab.id);
      return tab;
    });
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", label);

    function show(place) {
      tabs.forEach((tab, other) => {
        tab.setAttribute("aria-selected", String(other === place));
        tab.tabIndex = other === place ? 0 : -1;
        panels[other].hidden = other !== place;
      });
    }

    function choose(place) {
      show(place);
      chosen(place);
    }

    list.addEventListener("keydown", (event) => {
      const last = tabs.length - 1;
      const place = tabs.indexOf(event.target);
      const next = { ArrowRight: place === last ? 0 : place + 1, ArrowLeft: place === 0 ? last : place - 1, Home: 0, End: last }[event.key];
      if (place < 0 || next === undefined) return;
      event.preventDefault();
      choose(next);
      tabs[next].focus();
    });
    show(first);
    return tabs;
  }

  // The ways on from a question; those inside of others first.
  [...document.querySelectorAll(".ways")].reverse().forEach((ways, number) => {
    const folds = [...ways.children];
    const panels = folds.map((fold, place) => {
      const panel = fold.querySelector(".then");
      panel.id = `ways-${number}-${place}`;
      panel.dataset.words = fold.querySelector("summary").textContent; // on paper there are no tabs
      return panel;
    });
    const first = Math.max(0, folds.findIndex((fold) => fold.open));
    const list = document.createElement("div");
    list.className = "choices";
    list.append(...makeTabs(list, ways.dataset.label, folds.map((fold) => fold.querySelector("summary")), panels, first, () => {}));
    ways.replaceChildren(list, ...panels);
  });

  const list = document.querySelector(".tabs ul");
  if (!list) return;
  const panels = [...document.querySelectorAll(".recipient")];
  const links = [...list.querySelectorAll("a")];
  const first = Math.max(0, panels.findIndex((panel) => `#${panel.id}` === location.hash));
  const tell = (place) => history.replaceState(null, "", `#${panels[place].id}`);
  makeTabs(list, "Recipients", links, panels, first, tell).forEach((tab, place) => {
    links[place].parentNode.setAttribute("role", "presentation");
    links[place].replaceWith(tab);
  });
})();

// What was played in the conversation is shown as a test, and saved as a file.
"use strict";

let testName = "";

async function showTest(button) {
  button.disabled = true;
  try {
    const { name, text, notes } = await ask("GET", `/_page/test?conversation=${encodeURIComponent(shown)}`);
    testName = name;
    el("test-text").textContent = text;
    el("test-name").textContent = name;
    el("test-notes").replaceChildren(...notes.map((note) => Object.assign(document.createElement("li"), { textContent: note })));
    show("test");
  } catch (error) {
    wrong(error);
  } finally {
    button.disabled = false;
  }
}

el("head").addEventListener("click", (event) => {
  const button = event.target.closest("[data-save]");
  if (button) showTest(button);
});

el("test-save").addEventListener("click", () => {
  const url = URL.createObjectURL(new Blob([el("test-text").textContent], { type: "application/yaml" }));
  Object.assign(document.createElement("a"), { href: url, download: testName }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
});

// Conversations that are over: below the last message stands what came of it, and the message that is wrong is marked.
"use strict";

function drawCame() {
  for (const each of document.querySelectorAll(".came")) {
    const isHere = each.dataset.talk === shown;
    const isNew = isHere && each.hidden;
    each.hidden = !isHere;
    if (isHere) drawn(each.dataset.wrong)?.classList.add("wrong");
    if (isNew) log.scrollTop = log.scrollHeight; // the window of the messages has become smaller
  }
}

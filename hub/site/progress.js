// Shows the progress of an order as it happens. The page does without this script: it is loaded again then.
const place = document.getElementById("progress");
const said = document.getElementById("said");
const path = place?.dataset.events;
if (path !== undefined) {
  const source = new EventSource(path);
  let shown = "";
  source.addEventListener("progress", ({ data }) => {
    const { html, sentence, isOver } = JSON.parse(data);
    if (html !== shown) {
      place.innerHTML = html;
      said.textContent = sentence;
    }
    shown = html;
    if (isOver) source.close();
  });
}

import "./module-mark.css";

/** Two letters in a tile stand for an app, in a shade of its own that every page gives it. */
export function ModuleMark({ module, title }: { module: string; title: string }) {
  const words = title.split(/[\s-]+/).filter(Boolean);
  const letters = words.length > 1 ? `${words[0]?.[0] ?? ""}${words[1]?.[0] ?? ""}` : title.slice(0, 2);
  let hue = 7;
  for (const character of module) hue = (hue * 31 + character.charCodeAt(0)) % 360;
  return (
    <span class="mark" style={{ "--hue": String(hue) }} aria-hidden="true">
      {letters}
    </span>
  );
}

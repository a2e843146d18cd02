import { useContext } from "preact/hooks";
import { ThemeContext } from "../theme.ts";
import { Button } from "./button.tsx";

export function ThemeToggle() {
  const theme = useContext(ThemeContext);
  if (theme === undefined) return null;
  const dark = theme.shown.value === "dark";
  return (
    <Button
      kind="quiet"
      icon={dark ? "sun" : "moon"}
      label={dark ? "Use the light theme" : "Use the dark theme"}
      onClick={theme.toggle}
    />
  );
}

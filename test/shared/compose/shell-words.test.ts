import { describe, expect, it } from "vitest";
import { splitShellWords } from "#shared/compose/shell-words.ts";

describe("splitShellWords", () => {
  it.each([
    ["", []],
    ["   ", []],
    ["one", ["one"]],
    ["  one\ttwo\n three ", ["one", "two", "three"]],
    ["sh -c 'echo \"hi\"  there'", ["sh", "-c", 'echo "hi"  there']],
    ['say "it\'s" done', ["say", "it's", "done"]],
    ["a'b'\"c\"d", ["abcd"]],
    ["'' \"\"", ["", ""]],
    ["a\\ b \\'c", ["a b", "'c"]],
    ['"a\\"b\\\\c\\$d\\`e"', ['a"b\\c$d`e']],
    ['"a\\nb"', ["a\\nb"]],
    ["'a\\'", ["a\\"]],
    ["one \\\n two", ["one", "two"]],
    ["$HOME `x` *", ["$HOME", "`x`", "*"]],
    ["naïve 日本", ["naïve", "日本"]],
  ])("of %j", (text, words) => expect(splitShellWords(text)).toEqual(words));

  it.each(["'open", '"open', 'a "b\\"', "end\\"])("refuses %j", (text) => {
    expect(splitShellWords(text)).toBeUndefined();
  });
});

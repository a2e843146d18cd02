import { expect, test } from "vitest";
import { elementsAt, parseXml, textAt, writeXml } from "#hub/dns/aws/xml.ts";

const document = `<?xml version="1.0"?>
<!-- as AWS writes -->
<Answer xmlns="https://example.org/">
  <Zones>
    <Zone><Name>example.org.</Name><Private>false</Private></Zone>
    <Zone a="1 > 0"/>
    <Zone><Name>a &amp; b &lt;&#x41;&#66;&gt; &quot;&apos;</Name></Zone>
  </Zones>
  <Marker/>
</Answer>`;

test("reads elements, texts and entities, and leaves out attributes and what stands between elements", () => {
  const answer = parseXml(document.replace('a="1 > 0"', 'a="1"'));
  expect(answer).toMatchObject({ name: "Answer", text: "" });
  expect(elementsAt(answer, "Zones", "Zone")).toHaveLength(3);
  expect(elementsAt(answer, "Zones", "Zone", "Name").map(({ text }) => text)).toEqual([
    "example.org.",
    "a & b <AB> \"'",
  ]);
  expect(textAt(answer, "Zones", "Zone", "Private")).toBe("false");
  expect(textAt(answer, "Marker")).toBe("");
  expect(textAt(answer, "Zones", "Nothing")).toBeUndefined();
});

test.each(["", "text", "<a><b></a></b>", "<a>", "<a></a></b>", "</a>"])("%j is no document", (text) => {
  expect(() => parseXml(text)).toThrow(SyntaxError);
});

test("what is written is read as it was", () => {
  const text = `<"&'> ü\n`;
  expect(textAt(parseXml(writeXml("a", [writeXml("b", text), writeXml("c", "")])), "b")).toBe(text);
});

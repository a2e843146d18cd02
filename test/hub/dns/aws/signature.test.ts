import { expect, test } from "vitest";
import { signAwsRequest } from "#hub/dns/aws/signature.ts";

/** Of the examples that AWS publishes; nobody's. */
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const at = Date.UTC(2015, 7, 30, 12, 36, 0);

const signatureOf = (url: string, headers: Record<string, string>, service: string) =>
  signAwsRequest(
    { method: "GET", url: new URL(url), headers, body: "", at },
    { region: "us-east-1", service },
    credentials,
  ).authorization;

test("signs the example of the documentation as the documentation does", () => {
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
  const type = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  expect(signatureOf("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", type, "iam")).toBe(
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, " +
      "SignedHeaders=content-type;host;x-amz-date, " +
      "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
  );
});

test("signs the plainest request of AWS's own test suite as the suite says", () => {
  expect(signatureOf("https://example.amazonaws.com/", {}, "service")).toContain(
    "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
  );
});

test("sorts parameters by their name, as the suite's get-vanilla-query-order-key-case", () => {
  expect(signatureOf("https://example.amazonaws.com/?Param2=value2&Param1=value1", {}, "service")).toContain(
    "Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  );
});

test("tells nobody the secret, and says when it was signed", () => {
  const headers = signAwsRequest(
    { method: "POST", url: new URL("https://route53.amazonaws.com/x"), headers: {}, body: "<x/>", at },
    { region: "us-east-1", service: "route53" },
    credentials,
  );
  expect(headers["x-amz-date"]).toBe("20150830T123600Z");
  expect(JSON.stringify(headers)).not.toContain(credentials.secretAccessKey);
});

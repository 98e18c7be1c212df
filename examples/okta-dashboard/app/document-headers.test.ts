import { expect, test } from "vitest";
import { documentHeaders } from "./document-headers.ts";

const policyFor = (picture: string | undefined, isDevelopment = false) =>
	documentHeaders("n0nce", { picture, isDevelopment }).get("Content-Security-Policy");

test.each([
	["https://pictures.example/ada.png?size=1", "img-src 'self' https://pictures.example;"],
	["https://pictures.example; script-src *", "img-src 'self';"],
	["javascript:alert(1)", "img-src 'self';"],
	["data:image/svg+xml,x", "img-src 'self';"],
	[undefined, "img-src 'self';"],
])("the picture %s opens the policy no further than %s", (picture, expected) => {
	expect(policyFor(picture)).toContain(expected);
	expect(policyFor(picture)?.match(/script-src/g)).toHaveLength(1);
});

test("scripts need the nonce, in development too", () => {
	for (const isDevelopment of [false, true])
		expect(policyFor(undefined, isDevelopment)).toContain("script-src 'self' 'nonce-n0nce';");
	expect(policyFor(undefined)).not.toContain("unsafe");
});

import { expect, test } from "vitest";
import { FakePage } from "../../test/support/fake-page.ts";
import { repeatScript } from "../views/page-scripts.ts";

test.each([
	["https://app.example/notes?a=1", []],
	// A replace by the same address with a fragment would be a jump within the page.
	["https://app.example/notes#top", ["state /"]],
	["https://app.example/#top", ["state /_"]],
	["https://app.example/notes#", ["state /"]],
])("%s is requested once more", (href, before) => {
	const page = new FakePage();
	page.location = new URL(href);
	page.run(repeatScript);
	expect(page.replaced).toEqual([...before, href]);
});

test("the address is requested also where the history may not be changed", () => {
	const page = new FakePage();
	page.location = new URL("https://app.example/notes#top");
	page.globals.history = {
		replaceState: () => {
			throw new Error("Too often");
		},
	};
	expect(() => page.run(repeatScript)).toThrow("Too often");
	expect(page.replaced).toEqual(["https://app.example/notes#top"]);
});

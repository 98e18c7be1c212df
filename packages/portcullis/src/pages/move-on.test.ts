import { expect, test } from "vitest";
import { FakePage } from "../../test/support/fake-page.ts";
import { moveOnScript, signedOutScript } from "../views/page-scripts.ts";

function pageTo(href: string): FakePage {
	const page = new FakePage();
	page.the("onward").href = href;
	return page;
}

test("the page goes where its link leads, and tells nothing", () => {
	const page = pageTo("https://idp.example/end");
	page.data = { endpoints: "" };
	page.run(moveOnScript);
	expect(page.replaced).toEqual(["https://idp.example/end"]);
	expect(page.messages).toEqual([]);
});

test("where who is signed in has changed the other tabs are told", () => {
	const page = pageTo("https://app.example/");
	page.data = { endpoints: "/_portcullis" };
	page.run(moveOnScript);
	expect(page.messages).toEqual([["portcullis:/_portcullis", { type: "hydrate" }]]);
	expect(page.replaced).toEqual(["https://app.example/"]);
});

test("without channels it goes on all the same", () => {
	const page = pageTo("https://app.example/");
	page.data = { endpoints: "/_portcullis" };
	page.globals.BroadcastChannel = undefined;
	page.run(moveOnScript);
	expect(page.replaced).toEqual(["https://app.example/"]);
});

test("a sign-out throws away what was typed, and tells the other tabs", () => {
	const page = new FakePage();
	page.data = { endpoints: "/_portcullis" };
	page.storage.set("portcullis:/_portcullis.drafts", "{}");
	page.run(signedOutScript);
	expect(page.storage.size).toBe(0);
	expect(page.messages).toEqual([["portcullis:/_portcullis", { type: "hydrate" }]]);
});

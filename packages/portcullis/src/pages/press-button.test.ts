import { expect, test } from "vitest";
import { FakePage } from "../../test/support/fake-page.ts";
import { pressButtonScript } from "../views/page-scripts.ts";

test("the form is sent once, also if a person presses the button as well", () => {
	const page = new FakePage();
	page.run(pressButtonScript);
	expect(page.posted).toBe(1);
	page.button.click();
	expect(page.posted).toBe(1);
});

test("a page that comes back can be sent again, by the person", () => {
	const page = new FakePage();
	page.run(pressButtonScript);
	page.window.fire("pageshow", { persisted: true });
	expect(page.posted).toBe(1);
	page.button.click();
	expect(page.posted).toBe(2);
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakePage } from "../../test/support/fake-page.ts";
import { popupHandoffScript } from "../views/page-scripts.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout"] }));
afterEach(() => vi.useRealTimers());

const MESSAGE = { type: "portcullis:handoff", challenge: "c", handoff: "h" };

function run(left: string, opener: unknown): FakePage {
	const page = new FakePage();
	page.data = { challenge: "c", handoff: "h", left };
	page.globals.opener = opener;
	page.run(popupHandoffScript);
	return page;
}

test("the opener is told, of the own origin alone, and the way on is offered after a while", () => {
	const postMessage = vi.fn();
	const page = run("no", { postMessage });
	expect(postMessage.mock.calls).toEqual([[MESSAGE, "https://app.example"]]);
	expect(page.messages).toEqual([["portcullis:handoff", MESSAGE]]);
	expect([page.the("lost").hidden, page.the("onward").hidden]).toEqual([true, true]);
	vi.advanceTimersByTime(8000);
	expect([page.the("lost").hidden, page.the("onward").hidden]).toEqual([false, false]);
});

test("without an opener the server may keep it: the way on is offered after a while", () => {
	const page = run("yes", null);
	expect(page.the("onward").hidden).toBe(true);
	vi.advanceTimersByTime(8000);
	expect(page.the("onward").hidden).toBe(false);
});

test("without either it is offered at once", () => {
	expect(run("no", null).the("onward").hidden).toBe(false);
});

test("an opener that cannot be told is told by the channel", () => {
	const page = run("no", {
		postMessage: () => {
			throw new Error("Not allowed");
		},
	});
	expect(page.messages).toEqual([["portcullis:handoff", MESSAGE]]);
});

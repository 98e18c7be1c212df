import { afterEach, expect, test, vi } from "vitest";
import { readSnapshot } from "./read-snapshot.ts";

afterEach(() => vi.unstubAllGlobals());

test("the snapshot is read once, and taken out of the page", () => {
	const elements = new Map<string, object>();
	elements.set("portcullis-snapshot", {
		textContent: '{"client":"c","name":"\\u003c"}',
		remove: () => elements.clear(),
	});
	vi.stubGlobal("document", { getElementById: (id: string) => elements.get(id) ?? null });
	expect(readSnapshot()).toEqual({ client: "c", name: "<" });
	expect(readSnapshot()).toBeUndefined();
});

test("on a server there is none", () => {
	expect(readSnapshot()).toBeUndefined();
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { languages as pageLanguages } from "../views/languages/index.ts";
import type { AnyResult } from "./events.ts";
import { type EventFailure, languages, type NoticeContext, tell, textsFor } from "./notices.ts";
import { createToasts } from "./toasts.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout"] }));
afterEach(() => {
	vi.useRealTimers();
	vi.unstubAllGlobals();
});

type Handled = AnyResult & { handled?: () => void };
const FAILED: AnyResult = { ok: false, status: "failed", code: "event_failed", errorId: "abc" };
const UNKNOWN: AnyResult = { ok: false, status: "unknown" };

function context(options: NoticeContext["options"] = {}): NoticeContext {
	return {
		options,
		toasts: createToasts(),
		core: { isClosed: false },
		state: "notes",
		event: "write",
	};
}

const shown = ({ toasts }: NoticeContext) => toasts.list().map(({ message }) => message);

test("the person is told of an event that failed or has no answer, a moment later", () => {
	const at = context();
	expect(tell(at, FAILED)).toEqual(FAILED);
	tell(at, UNKNOWN);
	expect(shown(at)).toEqual([]);
	vi.runAllTimers();
	expect(shown(at)).toEqual([
		"That did not work. Nothing was changed. (abc)",
		"No answer came. Look whether it was done before you try again.",
	]);
	expect(at.toasts.list().every(({ kind }) => kind === "error")).toBe(true);
});

test("no message of what the app tells itself, of a closed client, or twice at a time", async () => {
	const at = context();
	const result: Handled = tell(at, FAILED);
	await Promise.resolve();
	result.handled?.();
	tell({ ...at, core: { isClosed: true } }, UNKNOWN);
	vi.runAllTimers();
	expect(shown(at)).toEqual([]);
	for (let count = 0; count < 3; count++) tell(at, UNKNOWN);
	vi.runAllTimers();
	expect(shown(at)).toHaveLength(1);
});

test("onError gets it instead, unless it is handled", () => {
	const onError = vi.fn<(failure: EventFailure) => void>();
	const at = context({ onError });
	tell(at, FAILED);
	(tell(at, UNKNOWN) as Handled).handled?.();
	vi.runAllTimers();
	expect(onError.mock.calls).toEqual([[{ state: "notes", event: "write", result: FAILED }]]);
	expect(shown(at)).toEqual([]);
});

test("messages go to onToast where it is given", () => {
	const onToast = vi.fn();
	const at = context({ onToast, texts: { unknown: "Hm." } });
	tell(at, UNKNOWN);
	vi.runAllTimers();
	expect(onToast.mock.calls).toEqual([[{ message: "Hm.", kind: "error" }]]);
});

test("a refusal by a check is told at once, other results are not told", () => {
	const at = context();
	tell(at, { ok: false, status: "denied", reason: "forbidden" });
	expect(shown(at)).toEqual(["Action not allowed"]);
	for (const result of [
		{ ok: true, status: "ok", value: 1 },
		{ ok: false, status: "denied", reason: "login" },
		{ ok: false, status: "invalid", issues: [] },
		{ ok: false, status: "dropped" },
	] as const)
		expect(tell(at, result)).toBe(result);
	vi.runAllTimers();
	expect(shown(at)).toHaveLength(1);
});

test("the language is that of the option, or of the page, or English", () => {
	const failed = (language?: string) => textsFor(language === undefined ? {} : { language }).failed;
	expect(failed("de-CH")).toBe(languages.de?.failed);
	expect(failed("PT")).toBe(languages.pt?.failed);
	for (const other of ["", "nl", "constructor", "en-GB", undefined])
		expect(failed(other)).toBe(languages.en?.failed);
	vi.stubGlobal("document", { documentElement: { lang: "ja" } });
	expect(failed()).toBe(languages.ja?.failed);
	expect(failed("it")).toBe(languages.it?.failed);
	expect(textsFor({ language: "it", texts: { failed: "No." } })).toEqual({
		...languages.it,
		failed: "No.",
	});
});

test("there are the languages of the gate's pages, in their words", async () => {
	expect(Object.keys(languages)).toEqual(Object.keys(pageLanguages));
	for (const [tag, source] of Object.entries(pageLanguages)) {
		const page = typeof source === "function" ? await source() : source;
		const { signIn, signOut } = languages[tag] ?? {};
		expect([tag, signIn, signOut]).toEqual([tag, page.signIn, page.signOut]);
	}
	for (const key of ["forbidden", "failed", "unknown", "dismiss"] as const)
		expect(new Set(Object.values(languages).map((texts) => texts[key])).size).toBe(8);
});

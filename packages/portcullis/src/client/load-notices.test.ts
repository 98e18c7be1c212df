import { expect, it, vi } from "vitest";
import type { AnyResult } from "./events.ts";
import { notices } from "./load-notices.ts";

// What tells the person is loaded with the first event. Out of reach of the server it may never
// come: then nothing waits for it, and the person hears at least that something went wrong.

const FAILED = { ok: false, status: "failed", code: "internal_error" } as AnyResult;
const UNKNOWN = { ok: false, status: "unknown" } as AnyResult;
const DENIED = { ok: false, status: "denied", reason: "forbidden" } as AnyResult;

it.each([
	[FAILED, [{ message: "Error", kind: "error" }]],
	[UNKNOWN, [{ message: "Error", kind: "error" }]],
	[DENIED, []],
])("without the texts, of %j the person sees %j", async (result, shown) => {
	const showToast = vi.fn();
	const tell = notices({
		// The wait is over before anything can have been loaded.
		connection: { pause: async () => {} } as never,
		showToast,
		options: {},
		toasts: { list: () => [], add: () => {} } as never,
		core: { isClosed: false },
	});
	const told = await tell(["notes", "add", {}, undefined], result);
	expect(showToast.mock.calls.flat()).toEqual(shown);
	expect(told).toMatchObject(result);
	expect((told as unknown as { handled: () => void }).handled()).toBeUndefined();
});

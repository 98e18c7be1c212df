import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { within } from "./within.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it("gives what a promise comes to in time, and leaves no timer", async () => {
	expect(await within(50, Promise.resolve("done"), "late")).toBe("done");
	await expect(within(50, Promise.reject(new Error("no")), "late")).rejects.toThrow("no");
	expect(vi.getTimerCount()).toBe(0);
});

it("gives the other value once the time is over, and looks at nothing that comes afterwards", async () => {
	const work = Promise.withResolvers<string>();
	const waiting = within(50, work.promise, "late");
	await vi.advanceTimersByTimeAsync(49);
	expect(vi.getTimerCount()).toBe(1);
	await vi.advanceTimersByTimeAsync(1);
	expect(await waiting).toBe("late");
	work.reject(new Error("too late to be heard"));
	await vi.advanceTimersByTimeAsync(1);
	expect(vi.getTimerCount()).toBe(0);
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Check } from "./context.ts";
import { CHECK_TIMEOUT, decide } from "./decide.ts";

const context = () => ({ kind: "page" });
const check = (answer: () => unknown) => answer as unknown as Check<unknown>;

describe("decide", () => {
	it("answers at once where no check is involved", () => {
		expect(decide([true], context)).toEqual({ outcome: "granted" });
		expect(decide([false], undefined)).toEqual({ outcome: "granted" });
		expect(decide([true], undefined)).toEqual({ outcome: "anonymous" });
		expect(decide([false, true], undefined)).toEqual({ outcome: "anonymous" });
	});

	it("never runs a check for an anonymous caller", () => {
		const spy = vi.fn(() => true);
		expect(decide([spy], undefined)).toEqual({ outcome: "anonymous" });
		expect(spy).not.toHaveBeenCalled();
	});

	it("grants for true only", async () => {
		expect(await decide([check(() => true)], context)).toEqual({ outcome: "granted" });
		expect(await decide([check(async () => true)], context)).toEqual({ outcome: "granted" });
	});

	it.each([
		1,
		"true",
		{},
		[],
		new Response(),
		new Error("x"),
		Symbol("yes"),
		null,
		0,
		new Boolean(true),
	])("takes %s for a no", async (answer) => {
		expect(await decide([check(() => answer)], context)).toMatchObject({
			outcome: "denied",
			reason: "check_not_boolean",
		});
	});

	it("takes undefined for a plain no, as from a claim that is missing", async () => {
		for (const answer of [() => undefined, async () => undefined])
			expect(await decide([check(answer)], context)).toEqual({
				outcome: "denied",
				reason: "check_denied",
			});
	});

	it("takes a throw and a rejection for a no", async () => {
		const error = new Error("database down");
		const throwing = check(() => {
			throw error;
		});
		expect(await decide([throwing], context)).toEqual({
			outcome: "denied",
			reason: "check_threw",
			error,
		});
		expect(await decide([check(() => Promise.reject(error))], context)).toMatchObject({
			outcome: "denied",
			reason: "check_threw",
		});
	});

	it("needs all of several rules", async () => {
		const yes = vi.fn(() => true);
		const never = vi.fn(() => true);
		expect(await decide([yes, check(() => false), never], context)).toEqual({
			outcome: "denied",
			reason: "check_denied",
		});
		expect(yes).toHaveBeenCalledOnce();
		expect(never).not.toHaveBeenCalled();
	});
});

it("asks the other rules after a check that takes time, as after one that does not", async () => {
	const later = check(async () => true);
	expect(await decide([later, check(() => false)], context)).toEqual({
		outcome: "denied",
		reason: "check_denied",
	});
	expect(await decide([later, later, check(async () => false)], context)).toMatchObject({
		outcome: "denied",
	});
	expect(await decide([later, later], context)).toEqual({ outcome: "granted" });
});

describe("a check that hangs", () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	it("is a no after two seconds, and its late yes changes nothing", async () => {
		let answerLate = (_: boolean) => {};
		const hanging = check(() => new Promise<boolean>((resolve) => (answerLate = resolve)));
		const decision = decide([hanging], context);
		await vi.advanceTimersByTimeAsync(CHECK_TIMEOUT);
		answerLate(true);
		expect(await decision).toEqual({ outcome: "denied", reason: "check_timed_out" });
	});
});

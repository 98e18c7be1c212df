import { expect, test } from "vitest";
import { signInsByApp, signInsByDay } from "./sign-ins.ts";

const NOON = Date.UTC(2026, 2, 31, 12);

test("a day has the same numbers whenever and in whatever range it is looked at", () => {
	const month = signInsByDay(30, NOON);
	expect(month).toHaveLength(30);
	expect(month.at(-1)?.date).toBe("2026-03-31");
	expect(signInsByDay(7, NOON + 3_600_000)).toEqual(month.slice(-7));
	for (const { succeeded, failed } of month) expect(failed).toBeLessThan(succeeded / 10);
});

test("the applications share all sign-ins, the busiest first", () => {
	const days = signInsByDay(90, NOON);
	const total = days.reduce((sum, { succeeded }) => sum + succeeded, 0);
	const apps = signInsByApp(days).map(({ signIns }) => signIns);
	expect(Math.abs(apps.reduce((sum, one) => sum + one, 0) - total)).toBeLessThan(apps.length);
	expect(apps).toEqual([...apps].sort((a, b) => b - a));
});

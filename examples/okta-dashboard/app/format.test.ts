import { expect, test } from "vitest";
import { formatCount, formatDay, formatShare, formatTime } from "./format.ts";

test.each([
	[0, "0"],
	[999, "999"],
	[1000, "1,000"],
	[1234567.6, "1,234,568"],
])("%d is %s", (count, text) => expect(formatCount(count)).toBe(text));

test("shares, days and times are written in one way, in UTC", () => {
	expect(formatShare(0.0341)).toBe("3.4%");
	expect(formatDay("2026-03-01")).toBe("1 Mar");
	expect(formatTime("2026-12-31T23:05:59.000Z")).toBe("31 Dec 2026, 23:05 UTC");
});

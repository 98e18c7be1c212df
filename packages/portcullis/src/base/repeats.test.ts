import { expect, it } from "vitest";
import { Repeats } from "./repeats.ts";

function repeats(burst: number, interval: number) {
	const clock = { now: 1_000_000 };
	const all = new Repeats(burst, interval, () => clock.now);
	return {
		clock,
		take: (key = "a", times = 1) => Array.from({ length: times }, () => all.take(key)),
	};
}

it("lets some through at once, then one per interval, and says how many were kept back", () => {
	const { clock, take } = repeats(3, 1000);
	expect(take("a", 5)).toEqual([0, 0, 0, undefined, undefined]);
	expect(take("b")).toEqual([0]);
	for (let i = 0; i < 7; i++) {
		clock.now += 100;
		expect(take()).toEqual([undefined]);
	}
	clock.now += 300;
	expect(take("a", 2)).toEqual([9, undefined]);
	clock.now += 1_000_000;
	expect(take("a", 4)).toEqual([1, 0, 0, undefined]);
});

it("gives nothing for a clock that was set back, and goes on from there", () => {
	const { clock, take } = repeats(1, 1000);
	take();
	clock.now -= 500_000;
	expect(take()).toEqual([undefined]);
	clock.now += 1000;
	expect(take()).toEqual([1]);
});

it("remembers a bounded number of kinds", () => {
	const { take } = repeats(1, 1000);
	take("a");
	for (let i = 0; i < 1999; i++) take(`k${i}`);
	expect(take("a")).toEqual([undefined]);
	for (let i = 0; i < 2000; i++) take(`m${i}`);
	expect(take("a")).toEqual([0]);
});

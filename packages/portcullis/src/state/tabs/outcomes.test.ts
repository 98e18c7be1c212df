import { expect, it } from "vitest";
import { Outcomes } from "./outcomes.ts";

const event = (seq: number, outcome = `{"value":[${seq}]}`) => ({
	id: `call-${seq}`,
	seq,
	outcome,
});

/** Runs events as a client does: written to the record, then remembered. */
function run(
	outcomes: Outcomes,
	record: Map<string, string>,
	events: readonly ReturnType<typeof event>[],
): void {
	for (const one of events) {
		record.set(...outcomes.entry(one));
		outcomes.keep(one);
	}
}

it("remembers the last sixteen, here and in the record", () => {
	const [outcomes, record] = [new Outcomes(), new Map<string, string>()];
	run(
		outcomes,
		record,
		Array.from({ length: 40 }, (_, i) => event(i + 1)),
	);
	const elsewhere = new Outcomes();
	elsewhere.load(record);
	for (const one of [outcomes, elsewhere]) {
		expect(one.seq).toBe(40);
		expect(one.find("call-24")).toBeUndefined();
		expect(one.find("call-25")).toBe('{"value":[25]}');
		expect(one.find("call-40")).toBe('{"value":[40]}');
	}
	expect(record.size).toBe(16);
});

it("gives a late outcome the place of its own event, or one beside the others, never that of a later event", () => {
	const [outcomes, record] = [new Outcomes(), new Map<string, string>()];
	run(outcomes, record, [event(1, "unknown"), event(2, "unknown"), event(3)]);
	run(outcomes, record, [event(2, "late")]);
	run(
		outcomes,
		record,
		Array.from({ length: 16 }, (_, i) => event(i + 4)),
	);
	run(outcomes, record, [event(1, "very late")]);
	const elsewhere = new Outcomes();
	elsewhere.load(record);
	for (const one of [outcomes, elsewhere]) {
		expect(one.seq).toBe(19);
		expect(one.find("call-1")).toBe("very late");
		expect(one.find("call-2")).toBeUndefined();
		expect(one.find("call-17")).toBe('{"value":[17]}');
	}
});

it("keeps an outcome of any text, and skips what it did not write", () => {
	const outcomes = new Outcomes();
	const [key, text] = outcomes.entry(event(7, 'a b\n"c" 8'));
	outcomes.load(
		new Map([
			[key, text],
			["outcome:3", "not ours"],
			["outcome:x", "1 call-x no place"],
		]),
	);
	expect([outcomes.seq, outcomes.find("call-7"), outcomes.find("call-x")]).toEqual([
		7,
		'a b\n"c" 8',
		undefined,
	]);
	expect(outcomes.clear()).toEqual(["outcome:7"]);
	expect([outcomes.seq, outcomes.find("call-7")]).toEqual([0, undefined]);
});

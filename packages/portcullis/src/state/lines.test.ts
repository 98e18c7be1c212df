import { expect, test } from "vitest";
import { LineQueue } from "./lines.ts";

const line = (letter: string) => letter.repeat(100_000);

async function lettersOf(lines: LineQueue): Promise<string> {
	let all = "";
	for await (const text of lines) all += text;
	return [...new Set(all)].join("");
}

test("lines come in order, those that wait together", async () => {
	const lines = new LineQueue();
	const read = lettersOf(lines);
	for (const letter of "abc") {
		lines.push(line(letter));
		await Promise.resolve();
	}
	lines.end();
	expect(await read).toBe("abc");
});

test("a reader that takes nothing gets no more, and nothing is kept for it", async () => {
	const lines = new LineQueue();
	for (const letter of "abcdefghijklmnop") lines.push(line(letter));
	expect(await lettersOf(lines)).toBe("");
});

test("one text is taken whatever its size", async () => {
	const lines = new LineQueue();
	lines.push("a".repeat(3_000_000));
	lines.end();
	expect(await lettersOf(lines)).toBe("a");
});

test("a reader that goes away is let go while it waits, and later lines are not kept for it", async () => {
	const lines = new LineQueue();
	const reader = lines[Symbol.asyncIterator]();
	const waiting = reader.next();
	await reader.return?.();
	expect(await waiting).toEqual({ done: true, value: undefined });
	lines.push(line("a"));
	expect(await lettersOf(lines)).toBe("");
});

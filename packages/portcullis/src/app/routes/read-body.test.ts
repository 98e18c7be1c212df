import { expect, it } from "vitest";
import { readBody, readText } from "./read-body.ts";

/** A body in pieces, which announces a length only where one is given. */
function request(sizes: readonly number[], announced?: number): Request {
	const pieces = sizes.map((size) => new Uint8Array(size).fill(0x61));
	const body = new ReadableStream<Uint8Array>({
		pull(controller) {
			const piece = pieces.shift();
			if (piece) controller.enqueue(piece);
			else controller.close();
		},
	});
	const headers: Record<string, string> = announced === undefined ? {} : { "content-length": String(announced) };
	return new Request("https://app.example/", { method: "POST", body, headers, duplex: "half" } as RequestInit);
}

it("reads what is small enough, in one piece or several", async () => {
	for (const sizes of [[], [10], [4, 6], [1, 0, 9]]) {
		const total = sizes.reduce((sum, size) => sum + size, 0);
		expect((await readBody(request(sizes), 10))?.length).toBe(total);
		expect((await readText(request(sizes), 10))?.length).toBe(total);
	}
	expect(await readText(request([10], 10), 10)).toBe("a".repeat(10));
});

it("reads nothing that is larger, whatever was announced", async () => {
	for (const sizes of [[11], [5, 6], [10, 1], Array(100).fill(1)]) {
		expect(await readBody(request(sizes), 10)).toBeUndefined();
		expect(await readText(request(sizes), 10)).toBeUndefined();
		expect(await readBody(request(sizes, 5), 10)).toBeUndefined();
	}
	expect(await readBody(request([1], 11), 10)).toBeUndefined();
	expect(await readText(request([1], 11), 10)).toBeUndefined();
});

it("stops reading as soon as it is too much", async () => {
	let pulled = 0;
	const body = new ReadableStream<Uint8Array>({
		pull(controller) {
			pulled++;
			controller.enqueue(new Uint8Array(5));
		},
	});
	const endless = new Request("https://app.example/", { method: "POST", body, duplex: "half" } as RequestInit);
	expect(await readBody(endless, 10)).toBeUndefined();
	expect(pulled).toBeLessThan(10);
});

it.each(["no length", "its length"])("keeps no piece of a body that comes in many, with %s", async (announced) => {
	const piece = new Uint8Array(1);
	let sent = 0;
	const body = new ReadableStream<Uint8Array>(
		{
			pull(controller) {
				const byte = 97 + (sent % 26);
				if (sent === 5000) return controller.close();
				if (sent++ === 0) return controller.enqueue(Uint8Array.of(byte));
				// One buffer for all: who keeps the pieces until the end reads the last one again and again.
				piece[0] = byte;
				controller.enqueue(piece);
			},
		},
		{ highWaterMark: 0 },
	);
	const headers = new Headers(announced === "its length" ? { "content-length": "5000" } : {});
	const read = await readText({ headers, body } as Request, 5000);
	const expected = Array.from({ length: 5000 }, (_, i) => String.fromCharCode(97 + (i % 26))).join("");
	expect(read).toBe(expected);
});

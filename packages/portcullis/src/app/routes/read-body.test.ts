import { expect, it, vi } from "vitest";
import { readBody, readText } from "./read-body.ts";
import { UnfinishedBodies } from "./unfinished-bodies.ts";

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
	const headers: Record<string, string> =
		announced === undefined ? {} : { "content-length": String(announced) };
	return new Request("https://app.example/", {
		method: "POST",
		body,
		headers,
		duplex: "half",
	} as RequestInit);
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
	const endless = new Request("https://app.example/", {
		method: "POST",
		body,
		duplex: "half",
	} as RequestInit);
	expect(await readBody(endless, 10)).toBeUndefined();
	expect(pulled).toBeLessThan(10);
});

it.each(["no length", "its length"])(
	"keeps no piece of a body that comes in many, with %s",
	async (announced) => {
		const piece = new Uint8Array(1);
		let sent = 0;
		const body = new ReadableStream<Uint8Array>(
			{
				pull(controller) {
					const byte = 97 + (sent % 26);
					if (sent === 5000) return controller.close();
					if (sent++ === 0) return controller.enqueue(Uint8Array.of(byte));
					// One buffer for all: who keeps the pieces until the end reads the last one again and
					// again.
					piece[0] = byte;
					controller.enqueue(piece);
				},
			},
			{ highWaterMark: 0 },
		);
		const headers = new Headers(announced === "its length" ? { "content-length": "5000" } : {});
		const read = await readText({ headers, body } as Request, 5000);
		const expected = Array.from({ length: 5000 }, (_, i) =>
			String.fromCharCode(97 + (i % 26)),
		).join("");
		expect(read).toBe(expected);
	},
);

/** A body that begins with so many bytes and never ends. */
function unfinished(
	size: number,
	announced?: number,
): { sent: Request; isCancelled: () => boolean } {
	let cancelled = false;
	const body = new ReadableStream<Uint8Array>({
		start: (controller) => controller.enqueue(new Uint8Array(size)),
		cancel() {
			cancelled = true;
		},
	});
	const headers: Record<string, string> =
		announced === undefined ? {} : { "content-length": String(announced) };
	const init = { method: "POST", body, headers, duplex: "half" } as RequestInit;
	return { sent: new Request("https://app.example/", init), isCancelled: () => cancelled };
}

it("measures each body by its own beginning, with one timer for all", async () => {
	vi.useFakeTimers();
	try {
		const bodies = new UnfinishedBodies();
		const answers: unknown[] = ["none yet", "none yet"];
		const read = (i: number) =>
			void readText(unfinished(10, 900).sent, 10_000, bodies).then((text) => {
				answers[i] = text;
			});
		expect(
			await readText(
				new Request("https://app.example/", { method: "POST", body: "a" }),
				10,
				bodies,
			),
		).toBe("a");
		read(0);
		await vi.advanceTimersByTimeAsync(20_000);
		read(1);
		expect(vi.getTimerCount()).toBe(1);
		await vi.advanceTimersByTimeAsync(10_000);
		expect(answers).toEqual([undefined, "none yet"]);
		await vi.advanceTimersByTimeAsync(19_999);
		expect(answers).toEqual([undefined, "none yet"]);
		await vi.advanceTimersByTimeAsync(1);
		expect(answers).toEqual([undefined, undefined]);
		expect(vi.getTimerCount()).toBe(0);
	} finally {
		vi.useRealTimers();
	}
});

it.each([
	["no length", undefined],
	["a small length", 900],
	["a length", 5000],
])("waits 30 seconds for a body with %s, and no longer", async (_, announced) => {
	vi.useFakeTimers();
	try {
		const { sent } = unfinished(10, announced);
		let answer: unknown = "none yet";
		void readText(sent, 10_000, new UnfinishedBodies()).then((text) => {
			answer = text;
		});
		await vi.advanceTimersByTimeAsync(29_000);
		expect(answer).toBe("none yet");
		await vi.advanceTimersByTimeAsync(1000);
		expect(answer).toBeUndefined();
		expect(vi.getTimerCount()).toBe(0);
	} finally {
		vi.useRealTimers();
	}
});

it("drops the body that began first where unfinished ones hold too much together", async () => {
	const bodies = new UnfinishedBodies(30_000, 20_000);
	const all = Array.from({ length: 10 }, () => unfinished(3000));
	const answers = new Map<number, unknown>();
	for (const [i, { sent }] of all.entries())
		void readBody(sent, 10_000, bodies).then((bytes) => answers.set(i, bytes?.length));
	await vi.waitFor(() => expect(answers.size).toBe(7));
	expect([...answers]).toEqual(Array.from({ length: 7 }, (_, i) => [i, undefined]));
	expect(all.map(({ isCancelled }) => isCancelled())).toEqual(all.map((_, i) => i < 7));
	// One that comes in full meanwhile is read.
	expect((await readBody(request([5000]), 10_000, bodies))?.length).toBe(5000);
	expect(await readText(request([10], 10), 10_000, bodies)).toBe("a".repeat(10));
});

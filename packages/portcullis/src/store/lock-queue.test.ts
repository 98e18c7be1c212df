import { expect, test, vi } from "vitest";
import { LockQueue } from "./lock-queue.ts";

test("a turn that does not come in time is given up, and the line goes on without it", async () => {
	vi.useFakeTimers();
	try {
		const queue = new LockQueue();
		queue.take("key");
		const late = expect(queue.wait("key", 30_000)).rejects.toMatchObject({ code: "state_busy" });
		await vi.advanceTimersByTimeAsync(29_999);
		const next = queue.wait("key", 30_000);
		await vi.advanceTimersByTimeAsync(1);
		await late;
		queue.give("key");
		await next;
		expect(vi.getTimerCount()).toBe(0);
		queue.give("key");
		expect(queue.isTaken("key")).toBe(false);
	} finally {
		vi.useRealTimers();
	}
});

test("nobody slips in between one turn and the next", async () => {
	const queue = new LockQueue();
	expect(queue.take("key")).toBe(true);
	const next = queue.wait("key", 1000);
	queue.give("key");
	expect(queue.take("key")).toBe(false);
	await next;
	queue.give("key");
	expect(queue.take("key")).toBe(true);
});

test("a signal that has aborted already does not wait, and is not listened to for longer than the wait", async () => {
	const queue = new LockQueue();
	queue.take("key");
	await expect(queue.wait("key", 1000, AbortSignal.abort())).rejects.toMatchObject({
		code: "state_busy",
	});
	const { signal } = new AbortController();
	const removed = vi.spyOn(signal, "removeEventListener");
	const next = queue.wait("key", 1000, signal);
	queue.give("key");
	await next;
	expect(removed).toHaveBeenCalledOnce();
});

test("a long line is walked through in order", async () => {
	const queue = new LockQueue();
	queue.take("key");
	const order: number[] = [];
	const line = Array.from({ length: 10_000 }, async (_, index) => {
		await queue.wait("key", 30_000);
		order.push(index);
		queue.give("key");
	});
	queue.give("key");
	await Promise.all(line);
	expect(order.every((value, index) => value === index)).toBe(true);
	expect(order.length).toBe(10_000);
});

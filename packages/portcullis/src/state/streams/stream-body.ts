/**
 * A browser that does not read loses its stream when so much waits for it, and gets everything anew
 * with the next one. What it has missed meanwhile counts as well. Bytes.
 */
export const MAX_UNREAD = 1_048_576;
/** What a stream that was ended still holds is dropped after so long. Milliseconds. */
const LAST_READ_WITHIN = 10_000;

const encoder = new TextEncoder();

/** What happens to the body of a stream. */
export interface BodyEvents {
	/** There is room again for the browser to read. */
	room(): void;
	/** True once either side has ended it. */
	closed(): void;
}

/** The body of a stream, written by lines. It never holds more than a browser may leave unread. */
export class StreamBody {
	readonly readable: ReadableStream<Uint8Array>;
	readonly #events: BodyEvents;
	#controller!: ReadableStreamDefaultController<Uint8Array>;
	#isClosed = false;
	#dropping: ReturnType<typeof setTimeout> | undefined;

	constructor(events: BodyEvents) {
		this.#events = events;
		this.readable = new ReadableStream<Uint8Array>(
			{
				start: (controller) => {
					this.#controller = controller;
				},
				pull: () => events.room(),
				cancel: () => {
					clearTimeout(this.#dropping);
					this.#close();
				},
			},
			{ highWaterMark: MAX_UNREAD, size: (chunk) => chunk.byteLength },
		);
	}

	get isClosed(): boolean {
		return this.#isClosed;
	}

	/** Bytes that the browser has not taken yet. */
	get unread(): number {
		return MAX_UNREAD - (this.#controller.desiredSize ?? MAX_UNREAD);
	}

	write(line: string): void {
		if (this.#isClosed) return;
		this.#controller.enqueue(encoder.encode(line));
		if (this.unread > MAX_UNREAD) this.giveUp();
	}

	/** Ends with a last line. */
	end(line: string): void {
		if (this.#isClosed) return;
		this.write(line);
		if (this.#isClosed) return;
		this.#close();
		this.#controller.close();
		// It counts no longer, so a browser that does not read must not be able to keep what is in it.
		if (this.unread === 0) return;
		this.#dropping = setTimeout(() => this.#drop(), LAST_READ_WITHIN); // proven: ended-unread
		(this.#dropping as { unref?(): void }).unref?.();
	}

	/** Ends at once; what was not read is lost. */
	giveUp(): void {
		this.#close();
		this.#drop();
	}

	/** Forgets what was not read; the connection ends. */
	#drop(): void {
		this.#controller.error(new Error("The browser does not read its stream"));
	}

	#close(): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.#events.closed();
	}
}

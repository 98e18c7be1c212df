import type { ViewDelta } from "./view.ts";

/** A `StateDelta` as JSON. Its values are JSON already. */
export function deltaText({ values, withheld }: ViewDelta, rev: number, isFull: boolean): string {
	return `{"rev":${rev}${isFull ? ',"full":true' : ""},"values":{${values}}${withheld.length === 0 ? "" : `,"withheld":${JSON.stringify(withheld)}`}}`;
}

/** An `EventLine` of type `delta`. */
export function deltaLine(delta: string, epoch: number): string {
	return `{"type":"delta","delta":${delta},"epoch":${epoch}}\n`;
}

/** An `EventLine` of type `outcome`. */
export function outcomeLine(outcome: string, epoch: number): string {
	return `{"type":"outcome","outcome":${outcome},"epoch":${epoch}}\n`;
}

/**
 * A browser that does not read an answer loses the rest of it when so much waits, and fetches anew
 * what it lacks. Characters.
 */
const MAX_UNREAD = 1_048_576;

/**
 * Lines that one writes and another one reads as they come. Where they are not read, they are not
 * kept.
 */
export class LineQueue implements AsyncIterable<string> {
	readonly #lines: string[] = [];
	#unread = 0;
	#isEnded = false;
	#wake: (() => void) | undefined;

	/** Empty texts are left out. */
	push(text: string): void {
		if (text === "" || this.#isEnded) return;
		// One text is always taken: a value may be as large as that.
		// proven: unread-lines
		if (this.#unread > 0 && this.#unread + text.length > MAX_UNREAD) {
			this.#drop();
			return;
		}
		this.#unread += text.length;
		this.#lines.push(text);
		this.#wake?.();
	}

	end(): void {
		this.#isEnded = true;
		this.#wake?.();
	}

	/** Hands on all that another source has, then ends. Never rejects. */
	async follow(source: AsyncIterable<string>): Promise<void> {
		try {
			for await (const text of source) this.push(text);
		} catch {
			// What is missing is fetched anew by the browser, which sees that the answer ends.
		}
		this.end();
	}

	[Symbol.asyncIterator](): AsyncIterator<string> {
		return {
			next: async () => {
				while (this.#lines.length === 0 && !this.#isEnded) {
					await new Promise<void>((resolve) => {
						this.#wake = resolve;
					});
				}
				const value = this.#lines.splice(0).join("");
				this.#unread = 0;
				return value === "" ? { done: true, value: undefined } : { done: false, value };
			},
			// Not a generator's, which would wait for the next line first.
			return: async () => {
				this.#drop(); // proven: lines-for-nobody
				return { done: true, value: undefined };
			},
		};
	}

	#drop(): void {
		this.#lines.length = 0;
		this.end();
	}
}

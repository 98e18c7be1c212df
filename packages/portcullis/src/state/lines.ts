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

/** Lines that one writes and another one reads as they come. */
export class LineQueue implements AsyncIterable<string> {
	readonly #lines: string[] = [];
	#isEnded = false;
	#wake: (() => void) | undefined;

	/** Empty texts are left out. */
	push(text: string): void {
		if (text === "" || this.#isEnded) return;
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

	async *[Symbol.asyncIterator](): AsyncGenerator<string> {
		for (;;) {
			const text = this.#lines.splice(0).join("");
			if (text !== "") yield text;
			else if (this.#isEnded) return;
			else
				await new Promise<void>((resolve) => {
					this.#wake = resolve;
				});
		}
	}
}

import { unflatten } from "devalue";
import type { Page } from "playwright-core";

/** What the gate answered to a request that the app's own script did not send. */
export interface HandAnswer {
	readonly status: number;
	/** Of the problem, if it was refused. */
	readonly code: string | undefined;
	/** `status` of the outcome, if it was run. */
	readonly outcome: string | undefined;
}

/**
 * Calls an event of `notes` as somebody with the developer tools would, from the open page and with
 * its cookies.
 */
export function sendByHand(page: Page, event: string, payload?: unknown): Promise<HandAnswer> {
	return page.evaluate(
		async ([event, payload]) => {
			const post = (endpoint: string, body: unknown) =>
				fetch(`/_portcullis/${endpoint}`, {
					method: "POST",
					headers: { "Content-Type": "application/json", "Portcullis-Request": "1" },
					body: JSON.stringify(body),
				});
			const { client, epoch, rev } = await (await post("hydrate", {})).json();
			const id = crypto.randomUUID();
			const response = await post("event", {
				client,
				epoch,
				rev,
				seq: 1,
				id,
				state: "notes",
				event,
				payload,
			});
			const text = await response.text();
			if (!response.ok)
				return {
					status: response.status,
					code: JSON.parse(text).code as string,
					outcome: undefined,
				};
			const lines = text.split("\n").filter(Boolean);
			const ended = lines.map((line) => JSON.parse(line)).find(({ type }) => type === "outcome");
			return {
				status: response.status,
				code: undefined,
				outcome: ended?.outcome.status as string | undefined,
			};
		},
		[event, payload] as const,
	);
}

/** A sealed name of a tab, as the person of the open page gets it. */
export function clientByHand(page: Page): Promise<string> {
	return page.evaluate(async () => {
		const response = await fetch("/_portcullis/hydrate", {
			method: "POST",
			headers: { "Content-Type": "application/json", "Portcullis-Request": "1" },
			body: "{}",
		});
		return (await response.json()).client;
	});
}

/** Texts of the notes as the person of the open page may see them: none for those who may not. */
export async function notesByHand(page: Page): Promise<string[]> {
	const values: Record<string, number | unknown[]> = await page.evaluate(async () => {
		const response = await fetch("/_portcullis/hydrate", {
			method: "POST",
			headers: { "Content-Type": "application/json", "Portcullis-Request": "1" },
			body: JSON.stringify({ states: ["notes"] }),
		});
		return (await response.json()).values;
	});
	const notes: { text: string }[] = unflatten(values["notes.notes"] ?? []);
	return notes.map(({ text }) => text);
}

/** Adds notes without the form. */
export async function writeByHand(page: Page, ...texts: string[]): Promise<void> {
	for (const text of texts) {
		const { outcome } = await sendByHand(page, "addNote", text);
		if (outcome !== "ok") throw new Error(`The note was not added: ${outcome}`);
	}
}

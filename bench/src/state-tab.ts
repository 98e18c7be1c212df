import { randomUUID } from "node:crypto";
import { requestHead, type WireConnection } from "./state-connection.ts";

/** Where a tab sends its requests. */
export interface TabServer {
	readonly port: number;
	/** The `Cookie` header. */
	readonly cookie: string;
	/** Path of events. */
	readonly eventPath: string;
}

/** A tab on a connection, as far as a server needs it to say. */
export class Tab {
	client = "a-name-as-long-as-a-sealed-one-".repeat(4);
	rev = 0;
	epoch = 0;
	#seq = 0;
	readonly #connection: WireConnection;
	readonly #port: number;
	readonly #cookie: string;
	readonly #eventHead: string;

	constructor(connection: WireConnection, { port, cookie, eventPath }: TabServer) {
		this.#connection = connection;
		this.#port = port;
		this.#cookie = cookie;
		this.#eventHead = requestHead(port, eventPath, cookie);
	}

	/** @param isKnown False to come as a new client. */
	async hydrate(state: string, isKnown: boolean): Promise<void> {
		const body = JSON.stringify({ ...(isKnown ? { client: this.client } : {}), states: [state] });
		const head = requestHead(this.#port, "/_portcullis/hydrate", this.#cookie);
		const answer = await this.#connection.send(head, body);
		if (answer.status !== 200) throw new Error(`hydrate: ${answer.status} ${answer.body}`);
		this.client = /"client":"([^"]+)"/.exec(answer.body)?.[1] ?? "";
		this.#note(answer.body);
	}

	/** Sends the event that saves a draft, always another one. */
	async saveDraft(): Promise<void> {
		const { client, rev, epoch } = this;
		const seq = ++this.#seq;
		const payload = `Buy milk, call Grace, water the plants: ${seq}`;
		const call = {
			client,
			epoch,
			rev,
			states: ["notes"],
			seq,
			id: randomUUID(),
			state: "notes",
			event: "saveDraft",
		};
		const { status, body } = await this.#connection.send(
			this.#eventHead,
			JSON.stringify({ ...call, payload }),
		);
		if (status !== 200 || !body.includes(payload)) throw new Error(`event: ${status} ${body}`);
		this.#note(body);
	}

	#note(body: string): void {
		this.rev = Number(/"rev":(\d+)/.exec(body)?.[1]);
		this.epoch = Number(/"epoch":(\d+)/.exec(body)?.[1]);
	}
}

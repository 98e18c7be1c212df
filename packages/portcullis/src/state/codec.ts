import { parse, stringify } from "devalue";
import { StateError } from "../base/errors.ts";

/**
 * A value as text: JSON, in the flattened form of `devalue`, which keeps dates, maps, sets, big
 * integers and cycles.
 *
 * @param name For the message.
 * @throws {StateError} `value_not_serializable` for functions, symbols and instances of classes.
 */
export function encode(value: unknown, name: string): string {
	// Most values are these; devalue writes them the same way, only slower.
	if (typeof value === "string") return encodeText(value);
	if (typeof value === "boolean" || value === null) return `[${value}]`;
	if (typeof value === "number" && Number.isFinite(value) && !Object.is(value, -0))
		return `[${value}]`;
	try {
		return stringify(value);
	} catch (cause) {
		const message = `The value of ${name} cannot be sent or kept: only plain data, dates, maps, sets and the like can`;
		throw new StateError("value_not_serializable", message, { cause });
	}
}

let lastText = "";
let lastEncoded = '[""]';

/** A text that was written is kept and, right after that, sent: it is encoded once. */
function encodeText(text: string): string {
	if (text !== lastText) {
		lastEncoded = `[${JSON.stringify(text)}]`;
		lastText = text;
	}
	return lastEncoded;
}

/** What `encode` was given. */
export function decode(text: string): unknown {
	return parse(text);
}

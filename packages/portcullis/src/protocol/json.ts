/** A JSON object whose members have not been checked yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The body of a response as a JSON object; `undefined` for anything else. The content type is not
 * asked: servers get it wrong.
 */
export async function readJsonObject(response: Response): Promise<JsonObject | undefined> {
	return parseJsonObject(await response.text());
}

/** A text as a JSON object; `undefined` for anything else. */
export function parseJsonObject(text: string): JsonObject | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return isJsonObject(value) ? value : undefined;
	} catch {
		return undefined;
	}
}

export function isJsonObject(value: unknown): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isStringList(value: unknown): value is readonly string[] {
	return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}

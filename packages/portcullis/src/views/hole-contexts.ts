/**
 * Where a hole of a template stands. `raw`: inside `<script>` or `<style>`, where entities are not
 * decoded.
 */
export type HoleContext = "text" | "attribute" | "raw";

/**
 * Says for each hole of an HTML template where it stands, from the literal parts alone.
 *
 * It follows the tokenizer of the HTML Living Standard (section 13.2.5) as far as holes need it,
 * and assumes that the template starts in text.
 *
 * @throws {TypeError} for a hole where escaping cannot help: outside quotes in a tag, in a comment,
 *   or in an attribute whose value is script, style or a document.
 */
export function holeContexts(strings: readonly string[]): readonly HoleContext[] {
	const scanner = new Scanner();
	const contexts: HoleContext[] = [];
	strings.forEach((literal, index) => {
		scanner.read(literal);
		if (index < strings.length - 1) contexts.push(scanner.hole(literal));
	});
	return contexts;
}

/**
 * Attributes in which the browser reads the decoded value as code, so that escaped text would run.
 */
const codeAttribute = /^(on.*|style|srcdoc)$/i;

class Scanner {
	#state: "text" | "tag" | "value" | "comment" | "raw" = "text";
	#tagName = "";
	#attribute = "";
	#quote = "";

	read(literal: string): void {
		let rest = literal;
		while (rest !== "") rest = this[this.#state](rest);
	}

	hole(literal: string): HoleContext {
		const at = `html: a hole after \`${literal.slice(-40)}\``;
		if (this.#state === "comment") throw new TypeError(`${at} stands in a comment. Move it out.`);
		if (this.#state === "tag" || (this.#state === "text" && /<[/!]?$/.test(literal))) {
			throw new TypeError(
				`${at} stands inside a tag without quotes. Write name="\${value}", or choose between two templates.`,
			);
		}
		if (this.#state === "value" && codeAttribute.test(this.#attribute)) {
			throw new TypeError(
				`${at} stands in an attribute that the browser runs. Use a data attribute or a class.`,
			);
		}
		if (this.#state === "value") return "attribute";
		return this.#state;
	}

	text(rest: string): string {
		const tag = /<(?:(!--)|\/?([a-z][^\s/>]*)|[!?/])/i.exec(rest);
		if (tag === null) return "";
		this.#state = tag[1] === undefined ? "tag" : "comment";
		const closing = tag[0].startsWith("</");
		this.#tagName = closing ? "" : (tag[2] ?? "").toLowerCase();
		this.#attribute = "";
		return rest.slice(tag.index + tag[0].length);
	}

	tag(rest: string): string {
		const next = /([^\s"'<>/=]+)\s*=\s*(["'])|>/.exec(rest);
		if (next === null) return "";
		if (next[2] === undefined) {
			this.#state = this.#tagName === "script" || this.#tagName === "style" ? "raw" : "text";
		} else {
			this.#state = "value";
			this.#attribute = next[1] ?? "";
			this.#quote = next[2];
		}
		return rest.slice(next.index + next[0].length);
	}

	value(rest: string): string {
		const end = rest.indexOf(this.#quote);
		if (end === -1) return "";
		this.#state = "tag";
		return rest.slice(end + 1);
	}

	comment(rest: string): string {
		const end = rest.indexOf("-->");
		if (end === -1) return "";
		this.#state = "text";
		return rest.slice(end + 3);
	}

	raw(rest: string): string {
		const end = rest.search(new RegExp(`</${this.#tagName}(?=[\\s/>])`, "i"));
		if (end === -1) return "";
		this.#state = "text";
		return rest.slice(end);
	}
}

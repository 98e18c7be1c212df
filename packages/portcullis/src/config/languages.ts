import type { Log } from "../audit/log.ts";
import type { ConfigProblem } from "../base/errors.ts";
import type { MaybePromise } from "../crypto/aead.ts";
import type { GateRequest } from "../guard/gate-request.ts";
import { acceptedLanguages, lookUpLanguage } from "../views/accept-language.ts";
import { english } from "../views/languages/en.ts";
import { languages as builtIn, type TextsSource } from "../views/languages/index.ts";
import type { ErrorText, PageTexts, Texts } from "../views/texts.ts";
import { unknownKeys } from "./option-row.ts";

/** A language tag in its usual form (RFC 5646 section 2.1), and no longer than any in use. */
const TAG = /^(?=.{2,35}$)[a-z]{2,8}(-[a-z0-9]{1,8})*$/i;

/** Texts of one language, as many as are to be other than ours. */
export interface OwnTexts extends Partial<PageTexts> {
	/**
	 * For `<html lang>`. Default: that of the texts that are replaced, or the tag that the texts
	 * stand under.
	 */
	readonly lang?: string;
	/** For `<html dir>`. */
	readonly dir?: "ltr" | "rtl";
	/** By error code. */
	readonly errors?: { readonly [code in keyof Texts["errors"]]?: Partial<ErrorText> };
}

/** In which languages the gate's own pages speak. */
export interface LanguageOptions {
	/**
	 * Tags of the languages to choose from; the first is for people who prefer none of them. Default:
	 * all there are, English first.
	 */
	offer?: readonly string[];
	/**
	 * Texts in place of ours, or of further languages, by tag. What they leave out is ours, in
	 * English where we do not have the language.
	 */
	texts?: Readonly<Record<string, OwnTexts | (() => Promise<OwnTexts>)>>;
	/**
	 * The languages that the app has reason to prefer for the sender of a request, best first: before
	 * `Accept-Language`, and sent to the provider as `ui_locales` (OpenID Connect Core 1.0 section
	 * 3.1.2.1). What a stranger wrote into the query has no place in it. Default: none.
	 */
	uiLocales?: (request: Request) => string | readonly string[] | undefined;
}

/** The languages of one gate. Texts are imported when a request first needs them. */
export class Languages {
	readonly #sources: ReadonlyMap<string, TextsSource>;
	readonly #tags: readonly string[];
	readonly #uiLocales: LanguageOptions["uiLocales"];
	readonly #log: Log;
	readonly #loaded = new Map<string, Texts>();

	constructor(options: LanguageOptions | undefined, log: Log) {
		this.#sources = sourcesOf(options?.texts ?? {});
		this.#tags = options?.offer ?? [...this.#sources.keys()];
		this.#uiLocales = options?.uiLocales;
		this.#log = log;
	}

	/**
	 * The texts of the gate's pages for the sender of a request. At once for a language that was
	 * needed before.
	 */
	textsFor(call: GateRequest): MaybePromise<Texts> {
		const preferred = [
			...this.uiLocales(call),
			...acceptedLanguages(call.header("accept-language")),
		];
		const tag = lookUpLanguage(preferred, this.#tags) ?? this.#tags[0] ?? english.lang;
		return this.#loaded.get(tag) ?? this.#load(tag);
	}

	/**
	 * What the option of that name says of a request; nothing if it throws. Only what is a language
	 * tag.
	 */
	uiLocales(call: GateRequest): readonly string[] {
		if (!this.#uiLocales) return [];
		try {
			const said = this.#uiLocales(call.request());
			const tags = typeof said === "string" ? said.split(" ") : Array.isArray(said) ? said : [];
			return tags.filter((tag) => typeof tag === "string" && TAG.test(tag)).slice(0, 8);
		} catch (cause) {
			this.#log({
				level: "error",
				code: "internal_error",
				message: "languages.uiLocales threw; the browser's preference counts",
				cause,
			});
			return [];
		}
	}

	async #load(tag: string): Promise<Texts> {
		const source = this.#sources.get(findKey(this.#sources, tag) ?? "") ?? english;
		try {
			const texts = typeof source === "function" ? await source() : source;
			this.#loaded.set(tag, texts);
			return texts;
		} catch (cause) {
			const message = `The texts of the language ${tag} could not be imported; English is shown`;
			this.#log({ level: "error", code: "internal_error", message, cause });
			return english;
		}
	}
}

/** Looks at the option `ui.languages`. Returns every mistake. */
export function checkLanguages(options: unknown): ConfigProblem[] {
	const problems = unknownKeys("ui.languages", options, ["offer", "texts", "uiLocales"]);
	if (problems.length > 0) return problems;
	const { offer, texts, uiLocales } = options as LanguageOptions;
	const known = [...Object.keys(builtIn), ...Object.keys(texts ?? {})];
	for (const tag of Object.keys(texts ?? {})) {
		if (!TAG.test(tag))
			problems.push({
				problem: `ui.languages.texts has "${tag}", which is no language tag`,
				remedy: "Write de or pt-BR.",
			});
	}
	if (offer !== undefined && (!Array.isArray(offer) || offer.length === 0))
		problems.push({
			problem: "ui.languages.offer is no list of languages",
			remedy: 'Name at least one, such as ["en"].',
		});
	for (const tag of Array.isArray(offer) ? offer : []) {
		if (!known.some((one) => one.toLowerCase() === String(tag).toLowerCase()))
			problems.push({
				problem: `ui.languages.offer has ${JSON.stringify(tag)}, of which there are no texts`,
				remedy: `There are ${known.join(", ")}. Give texts of other languages with ui.languages.texts.`,
			});
	}
	if (uiLocales !== undefined && typeof uiLocales !== "function")
		problems.push({
			problem: "ui.languages.uiLocales is not a function",
			remedy: "Pass a function from the request to language tags.",
		});
	return problems;
}

function sourcesOf(own: NonNullable<LanguageOptions["texts"]>): ReadonlyMap<string, TextsSource> {
	const sources = new Map<string, TextsSource>(Object.entries(builtIn));
	for (const [tag, given] of Object.entries(own)) {
		const key = findKey(sources, tag) ?? tag;
		const base = sources.get(key);
		sources.set(key, async () => {
			const ours = typeof base === "function" ? await base() : (base ?? { ...english, lang: tag });
			return merge(ours, typeof given === "function" ? await given() : given);
		});
	}
	return sources;
}

function findKey(sources: ReadonlyMap<string, unknown>, tag: string): string | undefined {
	return [...sources.keys()].find((key) => key.toLowerCase() === tag.toLowerCase());
}

function merge(ours: Texts, { errors = {}, ...rest }: OwnTexts): Texts {
	const merged: Record<string, ErrorText> = { ...ours.errors };
	for (const [code, text] of Object.entries(errors)) {
		merged[code] = {
			...(ours.errors[code as keyof Texts["errors"]] ?? ours.errors.internal_error),
			...text,
		};
	}
	return { ...ours, ...rest, errors: merged as Texts["errors"] };
}

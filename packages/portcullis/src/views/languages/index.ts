import type { Texts } from "../texts.ts";
import { english } from "./en.ts";

/** How the texts of a language are had: at once, or by an import at the first use. */
export type TextsSource = Texts | (() => Promise<Texts>);

/** The languages that come with the package, by tag, English first. */
export const languages: Readonly<Record<string, TextsSource>> = {
	en: english,
	de: () => import("./de.ts").then(({ german }) => german),
	fr: () => import("./fr.ts").then(({ french }) => french),
	es: () => import("./es.ts").then(({ spanish }) => spanish),
	pt: () => import("./pt.ts").then(({ portuguese }) => portuguese),
	it: () => import("./it.ts").then(({ italian }) => italian),
	ja: () => import("./ja.ts").then(({ japanese }) => japanese),
	zh: () => import("./zh.ts").then(({ chinese }) => chinese),
};

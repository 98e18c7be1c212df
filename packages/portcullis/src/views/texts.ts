import type { MessageCode } from "../base/error-table.ts";
import { type Html, type HtmlValue, html } from "./html.ts";

/** What an error view says, in one language. */
export interface ErrorText {
	/** One short sentence or phrase, for the heading and the window's title. */
	readonly title: string;
	/** What happened and what to do. */
	readonly message: string;
}

/**
 * The sentences of the gate's pages. `{name}`, `{provider}` and `{site}` are filled in; a sentence
 * may leave its own out.
 */
export interface PageTexts {
	// Login
	readonly signIn: string;
	/** `{provider}` */
	readonly signInWith: string;
	readonly signInToContinue: string;
	readonly chooseHowToSignIn: string;
	readonly noProviders: string;
	readonly attemptExpired: string;
	readonly originUnknown: string;
	/** `{name}` */
	readonly signedInAs: string;
	readonly signInAgainOrAsAnother: string;

	// Pages that move on by themselves
	readonly oneMoment: string;
	readonly continue: string;
	readonly ifNothingHappensContinue: string;
	readonly signingIn: string;
	readonly signedInIfNothingHappens: string;
	readonly sentOn: string;
	readonly pageIsOpening: string;
	readonly renewing: string;
	readonly renewingFailed: string;

	// Logout
	readonly signOut: string;
	readonly signOutQuestion: string;
	readonly signOutMeaning: string;
	readonly staySignedIn: string;
	readonly signingOut: string;
	readonly ifNothingHappensSignOut: string;
	readonly signedOut: string;
	readonly youAreSignedOut: string;
	/** `{provider}` */
	readonly endedThere: string;
	readonly endedAtService: string;
	/** `{provider}` */
	readonly maybeSignedInThere: string;
	readonly maybeSignedInAtService: string;
	readonly signOutThereToo: string;
	readonly signInAgain: string;

	// Forbidden
	readonly noAccess: string;
	readonly noAccessToPage: string;
	/** `{name}` */
	readonly noAccessFor: string;
	readonly noAccessAdvice: string;
	readonly noAccessSignIn: string;

	// Error
	readonly tryAgain: string;
	readonly backToStart: string;
	readonly errorId: string;
	readonly serviceSaid: string;

	// Logins in a window of their own
	readonly askTitle: string;
	readonly askForApp: string;
	/** `{site}` */
	readonly askInside: string;
	readonly askAdvice: string;
	readonly yesContinue: string;
	readonly youAreSignedIn: string;
	readonly closeWindow: string;
	readonly openerIsLost: string;
	readonly openAppHere: string;
	readonly youAreSignedOutThere: string;
	readonly windowWaiting: string;
	readonly windowBlocked: string;
	readonly windowLost: string;
	readonly windowRefused: string;
	/** Cookies of frames are dropped by this browser. */
	readonly windowUnkept: string;
	readonly openInNewTab: string;
}

/** Everything that the gate's pages say in one language. */
export interface Texts extends PageTexts {
	/** Of these texts, for `<html lang>`: a BCP 47 tag. */
	readonly lang: string;
	/** For `<html dir>`. Default: from left to right. */
	readonly dir?: "ltr" | "rtl";
	/** By error code. */
	readonly errors: Readonly<Record<MessageCode, ErrorText>>;
}

/** Puts values into the places of a sentence, escaped. A place without a value stays as it is. */
export function fill(sentence: string, values: Readonly<Record<string, HtmlValue>>): Html {
	const parts = sentence.split(/\{(\w+)\}/).map((part, index) => {
		if (index % 2 === 0) return part;
		return Object.hasOwn(values, part) ? values[part] : `{${part}}`;
	});
	return html`${parts}`;
}

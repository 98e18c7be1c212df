import { messages } from "../messages.ts";
import type { Texts } from "../texts.ts";

/** English: what every other language stands in for, and what is shown where nothing else fits. */
export const english: Texts = {
	lang: "en",
	errors: messages,

	signIn: "Sign in",
	signInWith: "Login with {provider}",
	signInToContinue: "Sign in to continue.",
	chooseHowToSignIn: "Choose how to sign in to continue.",
	noProviders: "No sign-in service is set up. Please ask the person who runs this app.",
	attemptExpired: "Your last sign-in attempt had expired. Please try again.",
	originUnknown:
		"No sign-in was started, because your browser did not say where you came from. Please choose how to sign in once more. If this page comes again, allow cookies for it.",
	signedInAs: "You are signed in as {name}.",
	signInAgainOrAsAnother: "Sign in again or as somebody else",

	oneMoment: "One moment",
	continue: "Continue",
	ifNothingHappensContinue: "If nothing happens, choose Continue.",
	signingIn: "Signing you in",
	signedInIfNothingHappens: "You are signed in. If nothing happens, choose Continue.",
	sentOn: "You are being sent on. If nothing happens, choose Continue.",
	pageIsOpening: "This page is being opened. If nothing happens, choose Continue.",
	renewing: "Your session is being renewed.",
	renewingFailed: "Your session could not be renewed right now. Please try again in a few minutes.",

	signOut: "Sign out",
	signOutQuestion: "Sign out?",
	signOutMeaning: "Signing out ends your session in this browser.",
	staySignedIn: "Stay signed in",
	signingOut: "Signing you out",
	ifNothingHappensSignOut: "If nothing happens, choose Sign out.",
	signedOut: "Signed out",
	youAreSignedOut: "You are signed out",
	endedThere: "Your session at {provider} has ended too.",
	endedAtService: "Your session at the sign-in service has ended too.",
	maybeSignedInThere:
		"You may still be signed in at {provider}. On a shared computer, sign out there too.",
	maybeSignedInAtService:
		"You may still be signed in at the sign-in service. On a shared computer, sign out there too.",
	signOutThereToo: "Sign out there too",
	signInAgain: "Sign in again",

	noAccess: "No access",
	noAccessToPage: "You do not have access to this page",
	noAccessFor: "You are signed in as {name}, and this account may not open this page.",
	noAccessAdvice:
		"If you need it, ask the person who runs this app to give you access, or sign out and use another account.",
	noAccessSignIn: "You are not signed in. Signing in may open this page.",

	tryAgain: "Try again",
	backToStart: "Back to the start page",
	errorId: "Error id, if you ask for help",
	serviceSaid: "The sign-in service said:",

	askTitle: "Did you ask for this?",
	askForApp:
		"A sign-in was started for a page of this app, and this browser could not tell by whom.",
	askInside:
		"A sign-in was started for this app inside {site}, and this browser could not tell by whom.",
	askAdvice:
		"Continue only if you have just chosen to sign in there yourself. If a link or a message brought you here, close this window.",
	yesContinue: "Yes, continue",
	youAreSignedIn: "You are signed in",
	closeWindow: "You can close this window and go on where you came from.",
	openerIsLost:
		"This window cannot reach the page that opened it. If that page does not go on, open the app by itself:",
	openAppHere: "Open the app here",
	youAreSignedOutThere: "You are signed out there",
	windowWaiting: "Go on in the window that has opened. This page follows by itself.",
	windowBlocked:
		"Your browser has blocked the window. Please allow it, or use the button once more.",
	windowLost:
		"Nothing has come back from the window. If you have signed in there, sign in once more here; or open the app in a new tab.",
	windowRefused:
		"The sign-in could not be taken over. Please try again, or open the app in a new tab.",
	windowUnkept:
		"Your browser keeps no sign-in for a page inside another one. Open the app in a new tab.",
	openInNewTab: "Open in a new tab",
};

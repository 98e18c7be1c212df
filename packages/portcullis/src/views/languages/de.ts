import type { Texts } from "../texts.ts";

/** German. */
export const german: Texts = {
	lang: "de",

	signIn: "Anmelden",
	signInWith: "Mit {provider} anmelden",
	signInToContinue: "Melden Sie sich an, um fortzufahren.",
	chooseHowToSignIn: "Wählen Sie, womit Sie sich anmelden möchten.",
	noProviders:
		"Es ist kein Anmeldedienst eingerichtet. Bitte wenden Sie sich an die Betreiber dieser App.",
	attemptExpired: "Ihr letzter Anmeldeversuch war abgelaufen. Bitte versuchen Sie es noch einmal.",
	originUnknown:
		"Es wurde keine Anmeldung begonnen, weil Ihr Browser nicht mitgeteilt hat, woher Sie kommen. Bitte wählen Sie die Anmeldung noch einmal. Erscheint diese Seite wieder, erlauben Sie Cookies für sie.",
	signedInAs: "Sie sind als {name} angemeldet.",
	signInAgainOrAsAnother: "Erneut oder mit einem anderen Konto anmelden",

	oneMoment: "Einen Moment",
	continue: "Weiter",
	ifNothingHappensContinue: "Falls nichts geschieht, wählen Sie „Weiter“.",
	signingIn: "Sie werden angemeldet",
	signedInIfNothingHappens: "Sie sind angemeldet. Falls nichts geschieht, wählen Sie „Weiter“.",
	sentOn: "Sie werden weitergeleitet. Falls nichts geschieht, wählen Sie „Weiter“.",
	pageIsOpening: "Die Seite wird geöffnet. Falls nichts geschieht, wählen Sie „Weiter“.",
	renewing: "Ihre Sitzung wird verlängert.",
	renewingFailed:
		"Ihre Sitzung konnte gerade nicht verlängert werden. Bitte versuchen Sie es in ein paar Minuten noch einmal.",

	signOut: "Abmelden",
	signOutQuestion: "Möchten Sie sich abmelden?",
	signOutMeaning: "Damit endet Ihre Sitzung in diesem Browser.",
	staySignedIn: "Angemeldet bleiben",
	signingOut: "Sie werden abgemeldet",
	ifNothingHappensSignOut: "Falls nichts geschieht, wählen Sie „Abmelden“.",
	signedOut: "Abgemeldet",
	youAreSignedOut: "Sie sind abgemeldet",
	endedThere: "Auch Ihre Sitzung bei {provider} ist beendet.",
	endedAtService: "Auch Ihre Sitzung beim Anmeldedienst ist beendet.",
	maybeSignedInThere:
		"Bei {provider} sind Sie vielleicht noch angemeldet. Melden Sie sich an einem gemeinsam genutzten Computer auch dort ab.",
	maybeSignedInAtService:
		"Beim Anmeldedienst sind Sie vielleicht noch angemeldet. Melden Sie sich an einem gemeinsam genutzten Computer auch dort ab.",
	signOutThereToo: "Auch dort abmelden",
	signInAgain: "Wieder anmelden",

	noAccess: "Kein Zugriff",
	noAccessToPage: "Sie haben keinen Zugriff auf diese Seite",
	noAccessFor:
		"Sie sind als {name} angemeldet. Mit diesem Konto lässt sich die Seite nicht öffnen.",
	noAccessAdvice:
		"Wenn Sie die Seite brauchen, bitten Sie die Betreiber dieser App um Zugriff, oder melden Sie sich ab und verwenden Sie ein anderes Konto.",
	noAccessSignIn:
		"Sie sind nicht angemeldet. Vielleicht lässt sich die Seite nach der Anmeldung öffnen.",

	tryAgain: "Noch einmal versuchen",
	backToStart: "Zur Startseite",
	errorId: "Fehlernummer, falls Sie um Hilfe bitten",
	serviceSaid: "Meldung des Anmeldedienstes:",

	askTitle: "Waren Sie das?",
	askForApp:
		"Für eine Seite dieser App wurde eine Anmeldung begonnen. Ihr Browser konnte nicht feststellen, von wem sie ausging.",
	askInside:
		"Für diese App innerhalb von {site} wurde eine Anmeldung begonnen. Ihr Browser konnte nicht feststellen, von wem sie ausging.",
	askAdvice:
		"Fahren Sie nur fort, wenn Sie sich dort gerade selbst anmelden wollten. Hat Sie ein Link oder eine Nachricht hierher geführt, schließen Sie dieses Fenster.",
	yesContinue: "Ja, weiter",
	youAreSignedIn: "Sie sind angemeldet",
	closeWindow: "Sie können dieses Fenster schließen und dort weitermachen, wo Sie waren.",
	openerIsLost:
		"Dieses Fenster erreicht die Seite nicht, von der es geöffnet wurde. Geht es dort nicht weiter, öffnen Sie die App für sich:",
	openAppHere: "App hier öffnen",
	youAreSignedOutThere: "Sie sind dort abgemeldet",
	windowWaiting:
		"Machen Sie in dem Fenster weiter, das sich geöffnet hat. Diese Seite folgt von selbst.",
	windowBlocked:
		"Ihr Browser hat das Fenster blockiert. Bitte lassen Sie es zu, oder betätigen Sie die Schaltfläche noch einmal.",
	windowLost:
		"Aus dem Fenster kam keine Antwort. Falls Sie sich dort angemeldet haben, melden Sie sich hier noch einmal an, oder öffnen Sie die App in einem neuen Tab.",
	windowRefused:
		"Die Anmeldung konnte nicht übernommen werden. Bitte versuchen Sie es noch einmal, oder öffnen Sie die App in einem neuen Tab.",
	windowUnkept:
		"Ihr Browser behält keine Anmeldung für eine Seite innerhalb einer anderen. Öffnen Sie die App in einem neuen Tab.",
	openInNewTab: "In neuem Tab öffnen",

	errors: {
		access_denied: {
			title: "Die Anmeldung wurde nicht abgeschlossen",
			message:
				"Die Anmeldung wurde abgebrochen, oder der Anmeldedienst hat sie für diese App nicht erlaubt. Sie können es noch einmal versuchen oder die Betreiber dieser App um Zugriff bitten.",
		},
		answer_changed: {
			title: "Die Antwort passt nicht",
			message:
				"Die Antwort des Anmeldedienstes passt nicht zu der Anmeldung, die hier begonnen wurde; deshalb wurden Sie nicht angemeldet. Bitte melden Sie sich noch einmal an. Geschieht es ein zweites Mal, geben Sie den Betreibern dieser App die Fehlernummer.",
		},
		callback_invalid: {
			title: "Die Anmeldung konnte nicht abgeschlossen werden",
			message:
				"Die Antwort des Anmeldedienstes war unvollständig oder passte nicht. Bitte beginnen Sie noch einmal in der App statt über ein Lesezeichen oder einen alten Tab.",
		},
		claims_invalid: {
			title: "Der Anmeldedienst hat nicht gesendet, was diese App braucht",
			message:
				"Diese App braucht Angaben zu Ihrem Konto, die der Anmeldedienst nicht oder in anderer Form gesendet hat; deshalb wurden Sie nicht angemeldet. Sie können es mit einem anderen Konto versuchen oder den Betreibern dieser App die Fehlernummer geben.",
		},
		clock_skew: {
			title: "Die Uhren gehen verschieden",
			message:
				"Der Anmeldedienst und diese App sind sich über die Uhrzeit uneinig, deshalb ließ sich die Anmeldung nicht bestätigen. Bitte versuchen Sie es gleich noch einmal. Bleibt es dabei, bitten Sie die Betreiber dieser App, die Uhr des Servers zu prüfen.",
		},
		config_invalid: {
			title: "Diese App ist nicht richtig eingerichtet",
			message:
				"Anmelden ist erst möglich, wenn die Einrichtung berichtigt ist. Bitte sagen Sie den Betreibern dieser App Bescheid.",
		},
		cookies_blocked: {
			title: "Ihr Browser hat die Cookies nicht behalten",
			message:
				"Zum Anmelden sind Cookies nötig, und es kamen keine zurück. Vielleicht sind Cookies für diese Website abgeschaltet, die Adresse beginnt mit http: statt mit https:, oder Sie verwenden Safari mit http://localhost, wofür ebenfalls https nötig ist. Bitte erlauben Sie Cookies oder verwenden Sie die Adresse mit https, und versuchen Sie es dann noch einmal.",
		},
		cookies_too_large: {
			title: "Zu viele Anmeldedaten",
			message:
				"Zu Ihrem Konto gehören mehr Anmeldedaten, als ein Browser behalten kann. Bitten Sie die Betreiber dieser App, zu verringern, was der Anmeldedienst sendet, zum Beispiel die Liste der Gruppen.",
		},
		csrf_failed: {
			title: "Diese Anfrage ließ sich nicht bestätigen",
			message:
				"Zum Schutz Ihres Kontos wurde nichts ausgeführt: Es war nicht sicher, dass die Anfrage aus dieser App kam. Bitte gehen Sie zur Startseite und versuchen Sie es von dort noch einmal.",
		},
		forbidden: {
			title: "Sie haben keinen Zugriff",
			message:
				"Mit Ihrem Konto ist das nicht erlaubt. Wenn Sie es brauchen, bitten Sie die Betreiber dieser App um Zugriff.",
		},
		handoff_invalid: {
			title: "Die Anmeldung kam nicht in ihrem Fenster an",
			message:
				"Dort sind Sie vielleicht angemeldet, doch das Fenster, das danach gefragt hatte, konnte die Anmeldung nicht übernehmen: Es dauerte zu lange, das Fenster wurde geschlossen oder neu geladen, oder es durfte nicht danach fragen. Bitte schließen Sie dieses Fenster und melden Sie sich dort noch einmal an, wo Sie herkamen.",
		},
		insecure_origin: {
			title: "Eine sichere Verbindung ist nötig",
			message:
				"Diese App wurde über einfaches http geöffnet; anmelden kann man sich nur über https. Bitte öffnen Sie die Adresse, die mit https: beginnt, oder fragen Sie die Betreiber dieser App danach.",
		},
		internal_error: {
			title: "Etwas ist schiefgegangen",
			message:
				"Bei uns ist ein unerwarteter Fehler aufgetreten. Bitte versuchen Sie es noch einmal. Bleibt es dabei, geben Sie die Fehlernummer den Betreibern dieser App.",
		},
		issuer_mismatch: {
			title: "Die Antwort kam von einem anderen Dienst",
			message:
				"Geantwortet hat nicht der Anmeldedienst, der gefragt worden war; deshalb wurde die Anmeldung angehalten. Bitte beginnen Sie noch einmal. Bleibt es dabei, sagen Sie den Betreibern dieser App Bescheid.",
		},
		login_required: {
			title: "Bitte melden Sie sich an",
			message:
				"Sie sind nicht angemeldet, oder Ihre Sitzung ist zu Ende. Bitte melden Sie sich an, um fortzufahren.",
		},
		method_not_allowed: {
			title: "Das geht hier nicht",
			message:
				"Diese Adresse lässt sich so nicht verwenden. Bitte gehen Sie zurück zur Startseite.",
		},
		not_found: {
			title: "Seite nicht gefunden",
			message:
				"Unter dieser Adresse gibt es nichts. Bitte prüfen Sie sie, oder gehen Sie zurück zur Startseite.",
		},
		provider_error: {
			title: "Der Anmeldedienst meldet ein Problem",
			message:
				"Die Anmeldung konnte dort nicht abgeschlossen werden. Bitte versuchen Sie es gleich noch einmal. Bleibt es dabei, geben Sie die Fehlernummer den Betreibern dieser App.",
		},
		provider_misconfigured: {
			title: "Der Anmeldedienst ist nicht richtig eingerichtet",
			message:
				"Diese App und der Anmeldedienst sind nicht aufeinander eingestellt. Bitte sagen Sie den Betreibern dieser App Bescheid und geben Sie ihnen die Fehlernummer.",
		},
		provider_unreachable: {
			title: "Der Anmeldedienst antwortet nicht",
			message:
				"Der Dienst, bei dem Sie sich anmelden, ist gerade nicht erreichbar. Bitte versuchen Sie es in ein paar Minuten noch einmal.",
		},
		refresh_required: {
			title: "Ihre Sitzung muss verlängert werden",
			message:
				"Bevor es weitergeht, muss Ihre Sitzung verlängert werden. Bitte öffnen Sie die Seite noch einmal.",
		},
		token_invalid: {
			title: "Ihre Anmeldung ließ sich nicht bestätigen",
			message:
				"Was der Anmeldedienst gesendet hat, hat unsere Prüfungen nicht bestanden; deshalb wurden Sie nicht angemeldet. Bitte versuchen Sie es noch einmal. Bleibt es dabei, geben Sie die Fehlernummer den Betreibern dieser App.",
		},
		too_many_redirects: {
			title: "Die Anmeldung drehte sich im Kreis",
			message:
				"Wir haben angehalten, weil Ihr Browser immer wieder hin- und hergeschickt wurde. Vielleicht werden Cookies blockiert oder teilweise gelöscht. Bitte erlauben Sie Cookies für diese Website und versuchen Sie es noch einmal. Bleibt es dabei, geben Sie die Fehlernummer den Betreibern dieser App.",
		},
		too_many_requests: {
			title: "Zu viele Versuche",
			message:
				"Aus Ihrem Netz wurden innerhalb einer Minute mehr Anmeldungen begonnen, als erlaubt sind. Bitte warten Sie ein wenig und versuchen Sie es dann noch einmal.",
		},
		transaction_invalid: {
			title: "Dieser Anmeldeversuch gilt nicht mehr",
			message:
				"Vielleicht hat er länger als zehn Minuten gedauert, wurde in einem anderen Browser begonnen oder durch einen neueren ersetzt. Mit Ihrem Konto ist alles in Ordnung: Bitte melden Sie sich noch einmal an.",
		},
		transaction_reused: {
			title: "Dieser Anmeldeversuch ist beendet",
			message:
				"Jeder Versuch gilt einmal. Wahrscheinlich wurde er mit „Zurück“ oder „Neu laden“ wiederholt. Falls Sie nicht angemeldet sind, melden Sie sich bitte noch einmal an.",
		},
		unknown_origin: {
			title: "Unter dieser Adresse kann man sich nicht anmelden",
			message:
				"Die App wurde unter einer Adresse geöffnet, die sie nicht kennt. Bitte verwenden Sie die übliche Adresse, oder bitten Sie die Betreiber dieser App, diese hinzuzufügen.",
		},
		userinfo_invalid: {
			title: "Ihr Profil konnte nicht gelesen werden",
			message:
				"Der Anmeldedienst hat kein gültiges Profil für Ihr Konto gesendet; deshalb wurden Sie nicht angemeldet. Bitte versuchen Sie es noch einmal. Bleibt es dabei, geben Sie die Fehlernummer den Betreibern dieser App.",
		},
	},
};

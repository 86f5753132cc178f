package field

import (
	"slices"
	"strings"
	"testing"
)

func hidden(names ...string) Hidden {
	return Hide(names, slices.Values([]string{"user.name", "Secret", "message"}))
}

// What is written of a hidden field is in no answer, in whatever way it is written.
func TestWhatIsHiddenIsCutHoweverItIsWritten(t *testing.T) {
	h := hidden("user.email", "secret", "a.b.c")
	for document, want := range map[string]string{
		`{"user":{"name":"n","email":"x"}}`:                   `{"user":{"name":"n"}}`,
		`{"user.":{"name":"n","email":"x"},"m":1.10}`:         `{"user.":{"name":"n"},"m":1.10}`,
		`{"user.":[{"email":"x"},{"name":"n","email":"y"}]}`:  `{"user.":[{},{"name":"n"}]}`,
		`{"user..email":"x"}`:                                 `{}`,
		`{".user.email":"x","m":12345678901234567890}`:        `{"m":12345678901234567890}`,
		`{"user":{"":{"email":"x"}}}`:                         `{"user":{"":{}}}`,
		`{"":{"user":{"email":"x"}}}`:                         `{"":{"user":{}}}`,
		`{"user":{"email.":{"y":"x"}}}`:                       `{"user":{}}`,
		`{"user":{"email":{"y":["x"]}},"user.email.z":"x"}`:   `{"user":{}}`,
		`{"USER":{"eMail":"x"},"user. email":"x"}`:            `{"USER":{}}`,
		`{"user ":{"\u200bemail\u0000":"x"}}`:                 `{"user ":{}}`,
		`{"us\u0065r.":{"\u0065mail":"x"}}`:                   `{"user.":{}}`,
		`{"a":{"b.":{"c":"x","d":"e"}}}`:                      `{"a":{"b.":{"d":"e"}}}`,
		`{"secret":"x","Secret":"its own","SECRET":"x"}`:      `{"Secret":"its own"}`,
		`{"user":[[{"email":"x"}]],"x":["<",null,true]}`:      `{"user":[[{}]],"x":["<",null,true]}`,
		`{"emails":"x","user":{"emails":"y","e-mail":"z"}}`:   `{"emails":"x","user":{"emails":"y","e-mail":"z"}}`,
		`{"other":{"user":{"email":"x"}},"message":"secret"}`: `{"other":{"user":{"email":"x"}},"message":"secret"}`,
		`{"secret":`: `{}`,
	} {
		if got := string(h.Cut([]byte(document))); got != want {
			t.Errorf("%s: %s, want %s", document, got, want)
		}
	}
	nothing, plain := Hidden{}, `{ "secret": 1 }`
	if got := string(nothing.Cut([]byte(plain))); got != plain {
		t.Error(got)
	}
	if got := string(h.Cut([]byte(`{ "a" : 1 }`))); got != `{ "a" : 1 }` {
		t.Errorf("%s: not as it was", got)
	}
}

// A field that holds the hidden one is declared in many collections, as nested or object,
// and shows nothing of what only looks like what is hidden in it.
func TestWhatLooksHiddenIsHiddenInADeclaredParentToo(t *testing.T) {
	h := Hide([]string{"user.email", "user.a.b"}, slices.Values([]string{"user", "user.name", "Account", "user.a", "user.A.B"}))
	for document, want := range map[string]string{
		`{"user":{"Email":"x","name":"n","other":1}}`:  `{"user":{"name":"n","other":1}}`,
		`{"user":{"\u200bemail":"x"},"user.EMAIL":1}`:  `{"user":{}}`,
		`{"user":{"a":{"B":"x","c":1},"A":{"B":"y"}}}`: `{"user":{"a":{"c":1},"A":{"B":"y"}}}`,
	} {
		if got := string(h.Cut([]byte(document))); got != want {
			t.Errorf("%s: %s, want %s", document, got, want)
		}
	}
}

func TestAGuardedFieldIsNotTakenUnderANameWithDotsTooMany(t *testing.T) {
	g := Guard("user.email", "tenant.id", "_sluice_deleted")
	for document, want := range map[string]string{
		`{"user":{"email":"x."},"tenant.id":"a"}`:     "",
		`{"user.":{"email":"x"}}`:                     "user..email user.email",
		`{"user.":{"name":"x"},"n":"email"}`:          "",
		`{"x":[{"user":{"email.":1}}],"user":{}}`:     "",
		`{"user":[{"n":1},{"email.":{"x":1}}]}`:       "user.email. user.email",
		`{"user":{"":{"email":1}}}`:                   "user..email user.email",
		`{"us\u0065r\u002e":{"email":1}}`:             "user..email user.email",
		`{"tenant":{"id":"a"},"tenant.":{"id":"b"}}`:  "tenant..id tenant.id",
		`{"_sluice_deleted.":"x"}`:                    "_sluice_deleted. _sluice_deleted",
		`{"k8s.":{"pod":"a"},"message":"an email.."}`: "",
		`{"USER.":{"email":"x"}}`:                     "",
		`{"user . ":{"email":"x"},"t":""}`:            "",
	} {
		path, name := g.Odd([]byte(document))
		if got := strings.TrimSpace(path + " " + name); got != want {
			t.Errorf("%s: %q, want %q", document, got, want)
		}
	}
}

func FuzzCut(f *testing.F) {
	f.Add(`{"user.":{"email":"x"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		h := hidden("user.email", "secret")
		once := h.Cut([]byte(text))
		if twice := h.Cut(once); string(twice) != string(once) {
			t.Errorf("%q becomes %q, then %q", text, once, twice)
		}
	})
}

func BenchmarkCutOfADeepDocument(b *testing.B) {
	h := hidden("user.email", "secret")
	document := []byte(strings.Repeat(`{"a":`, 100) + `"` + strings.Repeat("a word and some more ", 5000) + `\u0000"` + strings.Repeat("}", 100))
	b.SetBytes(int64(len(document)))
	for b.Loop() {
		h.Cut(document)
	}
}

func BenchmarkCutOfADocumentThatHasNothingHidden(b *testing.B) {
	h, document := hidden("user.email", "secret"), []byte(`{"message":"`+strings.Repeat("a word and some more ", 50)+`"}`)
	b.SetBytes(int64(len(document)))
	for b.Loop() {
		h.Cut(document)
	}
}

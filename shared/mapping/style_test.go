package mapping

import "testing"

func TestNamesInEveryCase(t *testing.T) {
	for _, c := range []struct{ from, snake, camel string }{
		{"userId", "user_id", "userId"}, {"user_id", "user_id", "userId"}, {"user-id", "user_id", "userId"}, {"User Id", "user_id", "userId"},
		{"UserId", "user_id", "userId"}, {"HTTPServer", "http_server", "httpServer"}, {"userID", "user_id", "userID"}, {"ID", "id", "id"},
		{"address2Line", "address2_line", "address2Line"}, {"@timestamp", "@timestamp", "@timestamp"}, {"_id", "_id", "_id"}, {"__typeName", "__type_name", "__typeName"},
		{"customer.eMail", "customer.e_mail", "customer.eMail"}, {"", "", ""}, {"größeX", "größe_x", "größeX"},
	} {
		if got := string(snake(nil, []byte(c.from))); got != c.snake {
			t.Errorf("%s: %s in snake case, not %s", c.from, got, c.snake)
		}
		if got := string(camel(nil, []byte(c.from))); got != c.camel {
			t.Errorf("%s: %s in camel case, not %s", c.from, got, c.camel)
		}
	}
}

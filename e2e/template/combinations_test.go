package infra

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// choices are values that change which resources there are. Every one of the sources is
// combined with every other; all the rest is there or not.
var choices = [][]map[string]string{
	{{"OpenSearchAuth": "es"}, {"OpenSearchAuth": "aoss"}, {"OpenSearchAuth": "basic"}, {"OpenSearchAuth": "none"}},
	{{}, {"StreamShards": "1"}, {"StreamArn": "arn"}},
	{{}, {"TableStreamArn": "arn"}},
	{{}, {"KafkaClusterArn": "a:cluster/b"}, {"KafkaClusterArn": "a:cluster/b", "KafkaSecretArn": "arn"}, {"KafkaBootstrapServers": "a:1"}, {"KafkaBootstrapServers": "a:1", "KafkaSecretArn": "arn"}},
	{{}, {"KafkaPollers": "1"}},
	{{}, {"MqBrokerArn": "arn"}},
	{{}, {"SubnetIds": "a", "SecurityGroupIds": "b"}},
	{{}, {
		"QueueSenderArns": "arn", "ObjectBucketArns": "arn", "ObjectKeyArns": "arn", "CollectionsLayerArn": "arn",
		"CorsOrigins": "https://a", "JwtIssuer": "https://a", "JwtAudiences": "a", "AlarmEmail": "a@b", "CacheRedisUrl": "redis://a:1", "CacheRedisSecretArn": "arn", "ExportBucketName": "a", "ExportKeyArn": "arn",
	}},
}

// combinations calls each with every combination of one of each choices.
func combinations(given map[string]string, left [][]map[string]string, each func(map[string]string)) {
	if len(left) == 0 {
		each(given)
		return
	}
	for _, choice := range left[0] {
		more := map[string]string{}
		for _, from := range []map[string]string{given, choice} {
			for name, value := range from {
				more[name] = value
			}
		}
		combinations(more, left[1:], each)
	}
}

// stack is the template with values for its parameters.
type stack struct {
	template
	given map[string]string
}

func (s stack) value(v any) string {
	name := ref(v)
	if name == "" {
		return scalar(v)
	}
	if given, ok := s.given[name]; ok {
		return given
	}
	return scalar(at(s.Parameters[name], "Default"))
}

func scalar(v any) string {
	if n, ok := v.(int); ok {
		return strconv.Itoa(n)
	}
	text, _ := v.(string)
	return text
}

// holds is the value of a condition.
func (s stack) holds(c any) bool {
	if name := text(c, "Condition"); name != "" {
		return s.holds(s.Conditions[name])
	}
	if both, ok := at(c, "Fn::Equals").([]any); ok {
		return s.value(both[0]) == s.value(both[1])
	}
	if one, ok := at(c, "Fn::Not").([]any); ok {
		return !s.holds(one[0])
	}
	all, and := at(c, "Fn::And").([]any)
	some, _ := at(c, "Fn::Or").([]any)
	for _, part := range append(all, some...) {
		if s.holds(part) != and {
			return !and
		}
	}
	return and
}

func (s stack) exists(v any) bool {
	name := text(v, "Condition")
	return v != nil && (name == "" || s.holds(s.Conditions[name]))
}

// resolve leaves of each Fn::If the branch that is taken.
func (s stack) resolve(v any) any {
	switch v := v.(type) {
	case object:
		if branches, ok := v["Fn::If"].([]any); ok {
			if s.holds(s.Conditions[branches[0].(string)]) {
				return s.resolve(branches[1])
			}
			return s.resolve(branches[2])
		}
		resolved := object{}
		for key, value := range v {
			resolved[key] = s.resolve(value)
		}
		return resolved
	case []any:
		var resolved []any
		for _, value := range v {
			if value = s.resolve(value); ref(value) != "AWS::NoValue" {
				resolved = append(resolved, value)
			}
		}
		return resolved
	}
	return v
}

func TestEveryCombinationOfParametersIsAWholeStack(t *testing.T) {
	tpl, n, told := load(t), 0, map[string]bool{}
	tell := func(s stack, format string, of ...any) {
		if line := fmt.Sprintf(format, of...); !told[line] {
			told[line] = true
			t.Errorf("%s with %v", line, s.given)
		}
	}
	combinations(nil, choices, func(given map[string]string) {
		n++
		s := stack{tpl, given}
		for section, all := range map[string]object{"resource": tpl.Resources, "output": tpl.Outputs} {
			for id, r := range all {
				if s.exists(r) {
					s.check(section+" "+id, s.resolve(r), func(format string, of ...any) { tell(s, format, of...) })
				}
			}
		}
	})
	if n != 1920 {
		t.Errorf("%d combinations", n)
	}
}

// check complains of what refers to a resource that is not there, and of what AWS limits.
func (s stack) check(id string, r any, tell func(string, ...any)) {
	for _, name := range references(r) {
		if !strings.HasPrefix(name, "AWS::") && s.Parameters[name] == nil && !s.exists(s.Resources[name]) {
			tell("%s refers to %s, which is not there", id, name)
		}
	}
	if policies, _ := at(r, "Properties", "ManagedPolicyArns").([]any); len(policies) > 10 {
		tell("%s has %d managed policies, AWS takes 10", id, len(policies))
	}
}

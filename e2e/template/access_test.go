package infra

import (
	"strings"
	"testing"
)

// Actions that AWS knows no narrower resource for.
var anyResource = map[string]string{
	"kinesis:ListStreams":            "Lambda demands it of a stream's event source mapping",
	"dynamodb:ListStreams":           "the same, of a table's stream",
	"ec2:AssignPrivateIpAddresses":   "Lambda makes network interfaces by the function's role",
	"ec2:CreateNetworkInterface":     "Lambda makes network interfaces by the function's role",
	"ec2:DeleteNetworkInterface":     "Lambda makes network interfaces by the function's role",
	"ec2:DescribeNetworkInterfaces":  "Lambda makes network interfaces by the function's role",
	"ec2:DescribeSecurityGroups":     "Lambda's pollers of a broker make network interfaces by the function's role",
	"ec2:DescribeSubnets":            "Lambda makes network interfaces by the function's role",
	"ec2:DescribeVpcs":               "Lambda's pollers of a broker make network interfaces by the function's role",
	"ec2:UnassignPrivateIpAddresses": "Lambda makes network interfaces by the function's role",
}

// statements calls each with every policy statement of the template.
func (t template) statements(each func(id string, statement object)) {
	for id, r := range t.Resources {
		walk(r, func(v any) {
			if o, ok := v.(object); ok && o["Effect"] != nil {
				each(id, o)
			}
		})
	}
}

func list(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}

func TestNoPolicyAllowsMoreThanItNames(t *testing.T) {
	seen := 0
	load(t).statements(func(id string, s object) {
		if s["Effect"] != "Allow" || s["Principal"] != nil {
			return
		}
		seen++
		for _, a := range list(s["Action"]) {
			action := a.(string)
			if strings.Contains(action, "*") {
				t.Errorf("%s allows %s", id, action)
			}
			for _, r := range list(s["Resource"]) {
				if r == "*" && anyResource[action] == "" {
					t.Errorf("%s allows %s on every resource", id, action)
				}
			}
		}
	})
	if seen < 10 {
		t.Errorf("found only %d statements", seen)
	}
}

func TestEveryFunctionHasARoleOfItsOwn(t *testing.T) {
	tpl := load(t)
	owner := map[string]string{}
	for id, f := range tpl.functions() {
		role := ref(f["Role"])
		if _, ok := tpl.of("AWS::IAM::Role")[role]; !ok {
			t.Errorf("%s: role %q is not written out", id, role)
		}
		if other := owner[role]; other != "" {
			t.Errorf("%s and %s share %s", id, other, role)
		}
		owner[role] = id
		if f["Policies"] != nil {
			t.Errorf("%s: SAM's own policies are wider than needed", id)
		}
	}
}

func TestSearchCannotWriteToTheDomain(t *testing.T) {
	load(t).statements(func(id string, s object) {
		if id != "DomainReadPolicy" {
			return
		}
		for _, a := range list(s["Action"]) {
			if a == "es:ESHttpPut" || a == "es:ESHttpPatch" || a == "es:ESHttpDelete" {
				t.Errorf("search may %v", a)
			}
			for _, r := range list(s["Resource"]) {
				path := text(r, "Fn::Sub")
				if a == "es:ESHttpPost" && !strings.HasSuffix(path, "/_search") && !strings.HasSuffix(path, "/_msearch") {
					t.Errorf("search may %v on %v", a, path)
				}
			}
		}
	})
}

func TestSecretsAreReadOnlyWhereTheyAreNeeded(t *testing.T) {
	tpl, seen := load(t), 0
	condition := map[string]string{"OpenSearchSecretArn": "IsBasic", "KafkaSecretArn": "HasKafkaSecret", "MqSecretArn": "HasBroker"}
	tpl.statements(func(id string, s object) {
		for _, a := range list(s["Action"]) {
			if !strings.HasPrefix(a.(string), "secretsmanager:") {
				continue
			}
			seen++
			if needed := condition[ref(s["Resource"])]; needed == "" || text(tpl.Resources[id], "Condition") != needed {
				t.Errorf("%s reads %s on condition %q, want %q", id, ref(s["Resource"]), text(tpl.Resources[id], "Condition"), needed)
			}
		}
	})
	if seen != len(condition) {
		t.Errorf("%d statements on secrets, want %d", seen, len(condition))
	}
}

// A role that may read another group or topic would read more than its mapping asks for.
func TestMskRoleReadsTheMappingsTopicAndGroupAlone(t *testing.T) {
	tpl := load(t)
	mapping := tpl.of("AWS::Lambda::EventSourceMapping")["KafkaMapping"]
	topic := ref(list(mapping["Topics"])[0])
	group := ref(at(list(at(mapping["AmazonManagedKafkaEventSourceConfig"], "Fn::If"))[1], "ConsumerGroupId"))
	last := map[string]string{}
	tpl.statements(func(id string, s object) {
		if id == "MskReadPolicy" {
			parts := list(at(s["Resource"], "Fn::Join"))
			if len(parts) == 2 {
				for _, a := range list(s["Action"]) {
					last[a.(string)] = ref(list(parts[1])[1])
				}
			}
		}
	})
	for action, want := range map[string]string{
		"kafka-cluster:ReadData": topic, "kafka-cluster:DescribeTopic": topic, "kafka-cluster:AlterGroup": group, "kafka-cluster:DescribeGroup": group,
	} {
		if last[action] != want || want == "" {
			t.Errorf("%s ends in %q, want %q", action, last[action], want)
		}
	}
}

// Ingest hides what failed for ever longer: without the permission it would come again
// at an even pace, and be dead-lettered within hours.
func TestIngestMayHideTheMessagesOfEveryQueueItReads(t *testing.T) {
	tpl := load(t)
	may := map[string]map[string]bool{"sqs:ChangeMessageVisibility": {}, "sqs:GetQueueUrl": {}}
	tpl.statements(func(id string, s object) {
		if id != "IngestQueueRole" {
			return
		}
		for _, a := range list(s["Action"]) {
			for _, r := range list(s["Resource"]) {
				if queues := may[a.(string)]; queues != nil {
					queues[ref(r)] = true
				}
			}
		}
	})
	read := 0
	walk(tpl.functions()["IngestQueueFunction"]["Events"], func(v any) {
		o, _ := v.(object)
		if ref(o["Queue"]) == "" {
			return
		}
		read++
		for action, queues := range may {
			if q := ref(o["Queue"]); !queues[q] {
				t.Errorf("ingest reads %s, but has no %s on it", q, action)
			}
		}
	})
	if read != 2 {
		t.Errorf("%d queues are read", read)
	}
}

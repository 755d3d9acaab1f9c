"""The scenarios: records of a small estate, and what must be said of them.

A theft names the suspect, the least severity and reasons that must be among
those given. A benign estate must stay at low or below.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"
HOME, NAT, THIEF = "203.0.113.1", "203.0.113.2", "198.51.100.9"
MOVED, THIRD = "203.0.113.3", "198.51.100.200"
LINUX = "Boto3/1.34.84 Python/3.9.16 Linux/6.1.87-99.174.amzn2023.x86_64"
TOOL = "aws-cli/2.15.1 Python/3.11.6 Linux/6.1.87-99.174.amzn2023.x86_64"
SSM = "aws-sdk-go/1.44.260 (go1.20.12; linux; amd64) amazon-ssm-agent/3.2"
MACOS = "aws-cli/2.15.1 Python/3.11.6 Darwin/23.1.0 exe/x86_64"
KALI = "Boto3/1.34.84 Python/3.11.6 Linux/6.5.0-kali3-amd64"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/120.0"

Record = dict[str, Any]


def instance(number: int = 1) -> str:
    return f"i-0{number:016x}"


def clock(minutes: float) -> str:
    start = datetime.datetime(2024, 5, 14, 8, 0)
    return (start + datetime.timedelta(minutes=minutes)).strftime(
        "%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Estate:
    records: list[Record] = field(default_factory=list)

    def add(self, identity: Record, at: float, address: str, name: str,
            source: str, agent: str, **more: Any) -> None:
        self.records.append({
            "eventVersion": "1.09",
            "userIdentity": identity,
            "eventTime": clock(at),
            "eventSource": f"{source}.amazonaws.com",
            "eventName": name,
            "awsRegion": "eu-west-1",
            "sourceIPAddress": address,
            "userAgent": agent,
            "eventID": f"00000000-0000-4000-8000-{len(self.records):012d}",
            "eventType": "AwsApiCall",
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
            **more,
        })

    def call(self, at: float, address: str, name: str = "PutMetricData",
             source: str = "monitoring", agent: str = LINUX, number: int = 1,
             key: str | None = None, delivery: str = "2.0",
             principal: str | None = None, invoked_by: str | None = None,
             **more: Any) -> None:
        """A call of an instance's session."""
        identity = {
            "type": "AssumedRole",
            "principalId": principal or f"AROAEXAMPLEWEB:{instance(number)}",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/web/{instance(number)}",
            "accountId": ACCOUNT,
            "accessKeyId": key or f"ASIAEXAMPLE{number:09d}",
            "sessionContext": {"ec2RoleDelivery": delivery},
        }
        if invoked_by:
            identity["invokedBy"] = invoked_by
        self.add(identity, at, address, name, source, agent, **more)

    def person(self, at: float, address: str, name: str = "DescribeInstances",
               source: str = "ec2", agent: str = MACOS, user: str = "alice",
               **more: Any) -> None:
        self.add({
            "type": "IAMUser", "principalId": "AIDAEXAMPLE",
            "arn": f"arn:aws:iam::{ACCOUNT}:user/{user}",
            "accountId": ACCOUNT, "accessKeyId": "AKIAEXAMPLEALICE",
            "userName": user,
        }, at, address, name, source, agent, **more)

    def ec2(self, at: float, name: str, request: Record,
            response: Record | None = None, address: str = THIRD) -> None:
        """A change by an administrator."""
        self.person(at, address, name, "ec2", user="admin", readOnly=False,
                    requestParameters=request, responseElements=response)

    def change(self, at: float, name: str, number: int = 1) -> None:
        """A start, a stop, an end."""
        items = {"items": [{"instanceId": instance(number)}]}
        self.ec2(at, name, {"instancesSet": items}, {"instancesSet": items})

    def run(self, at: float, private: str, number: int = 1) -> None:
        """A launch, in a VPC of 10.0.0.0/16."""
        if not any(r["eventName"] == "CreateVpc" for r in self.records):
            self.ec2(at - 1, "CreateVpc", {"cidrBlock": "10.0.0.0/16"}, {
                "vpc": {"vpcId": "vpc-0a0a0a0a", "cidrBlock": "10.0.0.0/16"}})
        self.ec2(at, "RunInstances", {}, {"instancesSet": {"items": [{
            "instanceId": instance(number), "vpcId": "vpc-0a0a0a0a",
            "privateIpAddress": private}]}})

    def elastic(self, at: float, address: str, number: int = 1) -> None:
        """An elastic address comes to the instance."""
        self.ec2(at, "AssociateAddress", {
            "publicIp": address, "instanceId": instance(number)},
            {"associationId": "eipassoc-0a"})

    def works(self, address: str = HOME, number: int = 1, start: float = 0,
              end: float = 240, every: float = 10, **more: Any) -> None:
        """The instance's own work."""
        at = start
        while at <= end:
            self.call(at, address, number=number, **more)
            at += every

    def assumes(self, at: float, address: str, key: str, by: str | None = None,
                agent: str = LINUX, number: int = 1) -> None:
        """A role is assumed: by the instance's session, or with the key `by`
        that it had issued."""
        self.call(at, address, "AssumeRole", "sts", agent, number, by,
                  principal="AROAEXAMPLEADMIN:work" if by else None,
                  requestParameters={
                      "roleArn": f"arn:aws:iam::{ACCOUNT}:role/admin",
                      "roleSessionName": "work"},
                  responseElements={"credentials": {
                      "accessKeyId": key, "sessionToken": "FwoGZXIvYXdz",
                      "expiration": "May 14, 2024, 11:00:00 AM"}})

    def chained(self, at: float, address: str, key: str, name: str,
                source: str = "iam", agent: str = LINUX, **more: Any) -> None:
        """A call with a key that an instance's session had issued."""
        self.add({
            "type": "AssumedRole", "principalId": "AROAEXAMPLEADMIN:work",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/work",
            "accountId": ACCOUNT, "accessKeyId": key,
            "sessionContext": {"sessionIssuer": {
                "type": "Role", "principalId": "AROAEXAMPLEADMIN",
                "arn": f"arn:aws:iam::{ACCOUNT}:role/admin",
                "accountId": ACCOUNT, "userName": "admin"}},
        }, at, address, name, source, agent, **more)

    def looks_around(self, address: str, start: float, **more: Any) -> None:
        """What a thief asks first."""
        for minute, (name, source) in enumerate([
                ("GetCallerIdentity", "sts"), ("ListBuckets", "s3"),
                ("DescribeInstances", "ec2"), ("ListUsers", "iam")]):
            self.call(start + minute, address, name, source, **more)


@dataclass
class Scenario:
    build: Callable[[Estate], None]
    suspect: str | None = None  # None: benign
    severity: str = "low"  # at least; of a benign one at most
    reasons: tuple[str, ...] = ()
    instances: tuple[int, ...] = (1,)
    aws: tuple[str, ...] = ()  # prefixes that are AWS's; empty: not known
    never: tuple[str, ...] = ()  # reasons that must not hold


SCENARIOS: dict[str, Scenario] = {}


def theft(suspect: str, severity: str, *reasons: str,
          instances: tuple[int, ...] = (1,),
          aws: tuple[str, ...] = ()) -> Callable[..., Any]:
    def enter(build: Callable[[Estate], None]) -> Callable[[Estate], None]:
        SCENARIOS[build.__name__] = Scenario(build, suspect, severity, reasons,
                                             instances, aws)
        return build
    return enter


def benign(*instances: int, aws: tuple[str, ...] = (),
           never: tuple[str, ...] = ()) -> Callable[..., Any]:
    def enter(build: Callable[[Estate], None]) -> Callable[[Estate], None]:
        SCENARIOS[build.__name__] = Scenario(
            build, instances=instances or (1,), aws=aws, never=never)
        return build
    return enter


# ------------------------------------------------------------------ thefts


@theft(THIEF, "high", "concurrent", "workstation", "new-agent", "recon")
def thief_on_a_laptop(estate: Estate) -> None:
    estate.works()
    estate.looks_around(THIEF, 60, agent=MACOS)


@theft(THIEF, "high", "concurrent", "workstation")
def thief_louder_than_the_instance(estate: Estate) -> None:
    estate.works(every=60)
    for minute in range(120):
        estate.call(30 + minute, THIEF, f"Describe{minute % 9}", "ec2", KALI)


@theft(THIEF, "medium", "concurrent", "new-agent", "recon")
def thief_on_another_instance(estate: Estate) -> None:
    estate.works()
    estate.works(THIEF, number=2, agent=TOOL)
    estate.looks_around(THIEF, 60, agent=KALI.replace("kali3", "8"))


@theft("2001:db8:7::/64", "medium", "workstation", "dual-stack")
def thief_on_ipv6(estate: Estate) -> None:
    estate.works()
    for minute, host in enumerate(["2001:db8:7::1", "2001:db8:7::9:1"]):
        estate.looks_around(host, 60 + minute, agent=MACOS)


@theft("10.9.0.7", "high", "foreign-endpoint")
def thief_through_an_own_vpc_endpoint(estate: Estate) -> None:
    estate.works()
    estate.looks_around("10.9.0.7", 60, vpcEndpointId="vpce-0f0f0f0f",
                        vpcEndpointAccountId=OTHER_ACCOUNT)


@theft("10.9.0.7", "high", "foreign-endpoint", instances=(1, 2))
def thief_with_the_keys_of_two_through_an_own_vpc_endpoint(
        estate: Estate) -> None:
    for number in (1, 2):
        estate.works(f"203.0.113.{number}", number)
        estate.looks_around("10.9.0.7", 60, number=number,
                            vpcEndpointId="vpce-0f0f0f0f",
                            vpcEndpointAccountId=OTHER_ACCOUNT)


@theft(THIEF, "high", "imds-mixed")
def imds_v1_beside_the_agents_v2(estate: Estate) -> None:
    for minute in range(0, 240, 5):
        estate.call(minute, HOME, "UpdateInstanceInformation", "ssm", SSM)
    estate.looks_around(THIEF, 60, agent=TOOL, delivery="1.0",
                        key="ASIAEXAMPLESTOLEN")


@theft(THIEF, "high", "console")
def console_sign_in(estate: Estate) -> None:
    estate.works()
    estate.call(60, THIEF, "GetSigninToken", "signin", TOOL)
    estate.call(61, THIEF, "ConsoleLogin", "signin", BROWSER)


@theft(THIEF, "high", "workstation", "new-agent", instances=(1, 2, 3, 4))
def one_laptop_with_the_keys_of_four_instances(estate: Estate) -> None:
    for number in range(1, 5):
        estate.works(f"203.0.113.{number}", number)
        estate.looks_around(THIEF, 60 + 5 * number, number=number, agent=MACOS)


@theft(THIEF, "medium", "human")
def silent_instance_and_a_thief_at_a_humans_address(estate: Estate) -> None:
    estate.works(THIEF, start=60, end=90, agent=TOOL)
    for minute in range(0, 120, 3):
        estate.person(minute, THIEF)


@theft(THIEF, "medium", "reached", "human")
def thief_who_reached_the_instance_first(estate: Estate) -> None:
    estate.works()
    estate.person(50, THIEF, "StartSession", "ssm", readOnly=False,
                  requestParameters={"target": instance()},
                  responseElements={"sessionId": "alice-0a"})
    estate.looks_around(THIEF, 60, agent=TOOL)


@theft(THIEF, "high", "after-stop")
def use_after_termination(estate: Estate) -> None:
    estate.works(end=100)
    estate.change(110, "TerminateInstances")
    estate.looks_around(THIEF, 130, agent=TOOL)


@theft("192.168.7.7", "high", "private-mismatch")
def private_address_of_another_network(estate: Estate) -> None:
    estate.run(-5, "10.0.1.5")
    estate.works()
    estate.looks_around("192.168.7.7", 60, agent=TOOL)


@theft(THIEF, "high", "chain", "workstation", "recon", "concurrent")
def role_chain_from_a_laptop(estate: Estate) -> None:
    estate.works()
    estate.call(60, THIEF, "GetCallerIdentity", "sts", MACOS)
    estate.assumes(61, THIEF, "ASIACHAINED", agent=MACOS)
    for minute, name in enumerate(["CreateUser", "CreateAccessKey"]):
        estate.chained(65 + minute, "198.51.100.77", "ASIACHAINED", name,
                       agent=TOOL)


@theft("198.51.100.77", "high", "workstation", "new-agent", "multi")
def role_chain_whose_second_link_is_the_laptop(estate: Estate) -> None:
    estate.works()
    estate.assumes(61, HOME, "ASIAFIRST")
    estate.assumes(62, THIRD, "ASIASECOND", by="ASIAFIRST")
    for minute, name in enumerate(["ListUsers", "CreateUser"]):
        estate.chained(65 + minute, "198.51.100.77", "ASIASECOND", name,
                       agent=KALI)


@theft(THIRD, "medium", "chain", "multi")
def silent_instance_whose_issued_key_is_used_elsewhere(
        estate: Estate) -> None:
    estate.assumes(60, THIRD, "ASIACHAINED", agent=MACOS)
    estate.chained(55, "198.51.100.77", "ASIACHAINED", "ListUsers", agent=TOOL)


@theft(THIEF, "high", "concurrent", "not-aws", aws=("203.0.113.0/24",))
def thief_outside_aws(estate: Estate) -> None:
    """Louder than the instance, and with its own agent."""
    estate.works(every=20)
    estate.works(THIEF, start=60, end=120, every=2)


@theft(THIEF, "low", "not-aws", aws=("203.0.113.0/24",))
def silent_instance_and_a_thief_outside_aws(estate: Estate) -> None:
    estate.works(THIEF)


# ------------------------------------------------------------------ benign


@benign()
def role_assumed_by_the_instance_itself(estate: Estate) -> None:
    estate.works()
    for hour in range(4):
        estate.assumes(60 * hour + 1, HOME, f"ASIACHAINED{hour}")
        for minute in range(2, 50, 6):
            estate.chained(60 * hour + minute, HOME, f"ASIACHAINED{hour}",
                           "ListUsers")


@benign()
def a_role_of_which_nobody_knows_who_issued_its_keys(estate: Estate) -> None:
    estate.works()
    for minute in range(60, 90, 3):
        estate.chained(minute, THIEF, "ASIAUNKNOWN", "ListUsers", agent=KALI)


@benign(1, 2, 3, 4, 5)
def one_nat(estate: Estate) -> None:
    for number in range(1, 6):
        estate.works(NAT, number)


@benign()
def dual_stack(estate: Estate) -> None:
    estate.works(every=10)
    estate.works("2001:db8:5::17", start=3, every=12)


@benign()
def dual_stack_with_one_tool_on_ipv6_only(estate: Estate) -> None:
    estate.works()
    estate.works("2001:db8:5::17", start=3, end=200, every=12, agent=TOOL)


@benign()
def ssm_agent(estate: Estate) -> None:
    estate.works()
    estate.works(name="UpdateInstanceInformation", source="ssm", agent=SSM,
                 every=5)


@benign()
def services_on_the_instances_behalf(estate: Estate) -> None:
    estate.works()
    for service in ("autoscaling.amazonaws.com", "AWS Internal"):
        estate.works(service, every=30, agent=service)
    estate.works(THIEF, every=30, invoked_by="cloudformation.amazonaws.com",
                 agent="cloudformation.amazonaws.com")


@benign()
def principals_of_aws_itself(estate: Estate) -> None:
    for name, address in itertools.product(
            ("aws:ec2-instance", "aws:ec2-infrastructure"), (HOME, THIEF)):
        estate.works(address, principal=f"{ACCOUNT}:{name}:{instance()}",
                     agent=MACOS if address == THIEF else LINUX)


@benign(1, 2, 3, 4, 5)
def nat_with_several_addresses(estate: Estate) -> None:
    for number in range(1, 6):
        for at, address in enumerate([HOME, NAT, MOVED]):
            estate.works(address, number, start=3 * at + number)


@benign(1, 2)
def nat_with_several_addresses_and_two_instances(estate: Estate) -> None:
    for number in range(1, 3):
        for at, address in enumerate([HOME, NAT, MOVED]):
            estate.works(address, number, start=3 * at + number)


@benign()
def elastic_address_moved(estate: Estate) -> None:
    estate.works(end=100)
    estate.elastic(105, MOVED)
    estate.works(MOVED, start=110)


@benign()
def elastic_address_moved_before_the_dump(estate: Estate) -> None:
    estate.works(end=100)
    estate.works(MOVED, start=110)


@benign()
def address_moved_and_moved_back(estate: Estate) -> None:
    estate.elastic(-5, HOME)
    estate.works(end=100)
    estate.elastic(105, MOVED)
    estate.works(MOVED, start=110, end=130)
    estate.elastic(135, HOME)
    estate.works(start=140)


@benign(aws=("203.0.113.0/24",), never=("not-aws",))
def address_moved_inside_aws(estate: Estate) -> None:
    estate.works(end=100)
    estate.works(MOVED, start=110)


@benign(1, 2, 3, aws=("192.0.2.0/24",), never=("not-aws",))
def egress_outside_aws_with_several_addresses(estate: Estate) -> None:
    """A company's own lines behind a private connection to AWS."""
    for number in range(1, 4):
        for address in (HOME, NAT):
            estate.works(address, number, start=number)


@benign()
def stop_and_start(estate: Estate) -> None:
    estate.works(end=100)
    estate.change(105, "StopInstances")
    estate.change(140, "StartInstances")
    estate.works(MOVED, start=145)


@benign()
def a_stop_whose_agent_still_talks(estate: Estate) -> None:
    estate.works(end=100)
    estate.change(105, "StopInstances")
    for seconds in (10, 25, 40):
        estate.call(105 + seconds / 60, HOME)


@benign()
def bastion_of_people_with_their_own_keys(estate: Estate) -> None:
    estate.works(every=5)
    for minute in range(20, 200):
        estate.person(minute, HOME, agent=LINUX)


@benign(1, 2, 3)
def corporate_proxy_of_people_and_instances(estate: Estate) -> None:
    for number in range(1, 4):
        estate.works(NAT, number, start=10)
    for minute in range(200):
        estate.person(minute, NAT)


@benign()
def own_endpoint_with_pod_addresses(estate: Estate) -> None:
    estate.run(-5, "10.0.1.5")
    for host in range(5, 12):
        estate.works(f"10.0.1.{host}", start=host, vpcEndpointId="vpce-0a0a",
                     vpcEndpointAccountId=ACCOUNT)


@benign(1, 2, 3)
def own_endpoints_beside_a_nat(estate: Estate) -> None:
    for number in range(1, 4):
        estate.works(NAT, number)
        estate.works(f"10.0.1.{number}", number, start=3,
                     vpcEndpointId="vpce-0a0a", vpcEndpointAccountId=ACCOUNT)


@benign()
def own_endpoint_with_pod_addresses_of_another_block(estate: Estate) -> None:
    estate.run(-5, "10.0.1.5")
    estate.works("10.0.1.5", vpcEndpointId="vpce-0a0a",
                 vpcEndpointAccountId=ACCOUNT)
    estate.ec2(-4, "AssociateVpcCidrBlock", {"vpcId": "vpc-0a0a0a0a"}, {
        "AssociateVpcCidrBlockResponse": {
            "vpcId": "vpc-0a0a0a0a", "cidrBlockAssociation": {
                "cidrBlock": "100.64.0.0/16"}}})
    for host in range(5, 12):
        estate.works(f"100.64.1.{host}", start=host, vpcEndpointId="vpce-0a0a",
                     vpcEndpointAccountId=ACCOUNT)


@benign(1, 2, 3, never=("foreign-endpoint",))
def central_endpoint_of_a_network_account_used_by_three(
        estate: Estate) -> None:
    for number in range(1, 4):
        estate.works(f"10.0.1.{number}", number, vpcEndpointId="vpce-0c0c",
                     vpcEndpointAccountId=OTHER_ACCOUNT)


@benign(1, 2, 3, 4)
def central_endpoint_of_a_network_account(estate: Estate) -> None:
    for number in range(1, 5):
        estate.works(f"10.0.1.{number}", number, vpcEndpointId="vpce-0c0c",
                     vpcEndpointAccountId=OTHER_ACCOUNT)
